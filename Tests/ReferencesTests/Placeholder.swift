// Tests of References.
