"""How sure a solution is: bootstrap, displacement (DISP), and both together (BS-DISP)."""
