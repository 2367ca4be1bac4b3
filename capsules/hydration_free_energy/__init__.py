"""A capsule: how much free energy does this molecule give off when it goes into water?"""
