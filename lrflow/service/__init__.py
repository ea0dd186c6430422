"""Keep `lrflow run` running: install it with the service manager of this computer, and tell that manager how it fares.

systemd on Linux, launchd on macOS, the Task Scheduler on Windows; for the user who types the command, without an
administrator. What is written holds two paths and no secret: the programme's folder and the Python that runs lrflow.
"""

from lrflow.service.installing import Done, after_logout, definition_text, install, keeper_of, named, remove
from lrflow.service.jobs import Computer, Job, job_of, this_computer
from lrflow.service.looking import Sender, Standing, check_programme, look, sender_of
from lrflow.service.notifying import Manager

__all__ = [
    "Computer",
    "Done",
    "Job",
    "Manager",
    "Sender",
    "Standing",
    "after_logout",
    "check_programme",
    "definition_text",
    "install",
    "job_of",
    "keeper_of",
    "look",
    "named",
    "remove",
    "sender_of",
    "this_computer",
]
