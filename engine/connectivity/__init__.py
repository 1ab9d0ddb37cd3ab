"""Rules to synapses: who is connected with whom, how strongly and how late."""
