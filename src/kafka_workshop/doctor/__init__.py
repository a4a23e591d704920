"""What is wrong with the system, and what mends it: each kind of check is a module of its own.

A check is a pure function from facts to findings; few modules gather facts (`asking`, `running`).
"""
