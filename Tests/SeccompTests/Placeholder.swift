// Tests of Seccomp.
