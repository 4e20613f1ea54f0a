"""The WeChat service account: messages become drafts, the menu leads to the owner's pages (IN-01)."""
