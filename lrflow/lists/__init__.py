"""Use cases of whole lists: workbooks out and in, foreign lists in, exports."""
