"""The verbs: one function, one transaction each, called by every door alike."""
