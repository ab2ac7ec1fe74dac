// Tests of Unpacking.
