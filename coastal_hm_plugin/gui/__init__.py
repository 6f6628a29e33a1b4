"""The few windows there are: menu and toolbar, the message of missing packages, the window that installs them."""
