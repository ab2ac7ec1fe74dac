// Tests of Stage1ABI.
