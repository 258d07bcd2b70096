"""The minutes of the meeting in which a team agrees on its levels: content, arrangement, paper."""
