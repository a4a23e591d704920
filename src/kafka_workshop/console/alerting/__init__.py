"""The alerts as the console knows them: followed, kept within bounds, chosen and paged."""
