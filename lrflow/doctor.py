"""Look over the programme, its folder and this computer, and say what is not right and what to do."""
