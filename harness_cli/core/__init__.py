"""Values and laws that every layer shares. Standard library only, no IO."""
