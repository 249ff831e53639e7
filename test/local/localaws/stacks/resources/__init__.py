"""Resource types. Each is made and changed through the service's API, in the stack's account."""
