"""Read and check the folders in workflows/, and pin what was read by a digest."""

from lrflow.workflow.reading import canonical, folder_of, folders, pinned, place_of, read

__all__ = ["canonical", "folder_of", "folders", "pinned", "place_of", "read"]
