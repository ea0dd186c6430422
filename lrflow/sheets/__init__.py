"""Files of rows and columns: read whatever a spreadsheet program wrote, write what it opens safely."""
