"""What happens at one terminal, or at one merchant on the internet, whoever's account it is."""
