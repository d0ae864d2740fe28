"""Programs that run on a service's instances, with the Python that cloud-init brings."""
