// Tests of ImageStorage.
