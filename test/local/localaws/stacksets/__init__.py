"""Stack sets, one template as stacks of many accounts: ``sets`` what they are, ``api`` their operations."""
