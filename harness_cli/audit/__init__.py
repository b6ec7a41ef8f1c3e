"""Events, the write-ahead trail, the ledger and their verification."""
