"""Single sign-on with the account of an organization (OpenID Connect)."""
