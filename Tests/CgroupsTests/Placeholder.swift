// Tests of Cgroups.
