"""Measurements that the documents quote; each prints a table and can write JSON."""
