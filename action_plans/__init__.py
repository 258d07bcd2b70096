"""Action plans: from the gaps a clinic sees to goals, actions, paper and follow-up."""
