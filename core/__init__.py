"""What every package stands on and what knows no domain noun: database, clock, guards, errors."""
