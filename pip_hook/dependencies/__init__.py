"""Other people's packages that depend on torch: what they bring in is held to what runs here."""
