"""Questions to a department: claimed when due, asked outside any transaction, recorded with what they brought."""
