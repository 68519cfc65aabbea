"""What a learner reads, by part, in English and Chinese; `sim.lab.text` puts the parts together."""
