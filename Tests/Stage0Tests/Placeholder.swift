// Tests of Stage0.
