"""People, organizations, clinics and what each person may do."""
