"""The systems: each operation is declared in `policy.catalogue` and carried out here with the vendor's own client."""
