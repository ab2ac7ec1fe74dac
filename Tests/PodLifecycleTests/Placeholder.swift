// Tests of PodLifecycle.
