"""The engine of a stage: exactly once and stateful, whatever it folds. It knows no rules."""
