"""The dead letters as the console knows them: followed, chosen and paged, sent back."""
