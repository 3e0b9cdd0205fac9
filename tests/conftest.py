from hypothesis import settings

# A property either holds or not; how long an example takes depends on the machine.
settings.register_profile("pegasus", deadline=None)
settings.load_profile("pegasus")
