class Stacks:
    def __init__(self, aws):
        pass

    def reset(self):
        pass
