"""Rating without an account: the join link, its codes and the devices that came by it."""
