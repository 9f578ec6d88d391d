"""Studies that come with bital: `bital study NAME`, one file each."""
