"""What a release gains: its documents and its data, stored once and served unchanged (docs/adr/0039)."""
