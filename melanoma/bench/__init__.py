"""How fast the app and its engines are."""
