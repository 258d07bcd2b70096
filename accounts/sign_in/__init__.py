"""How people come in with a password, stay signed in, and get back what they typed."""
