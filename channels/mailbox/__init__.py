"""Mails to the mailbox of reports become drafts at the desk (IN-01)."""
