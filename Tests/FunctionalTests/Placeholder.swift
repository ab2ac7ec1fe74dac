// Tests of Functional.
