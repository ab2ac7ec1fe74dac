// Tests of AppContainer.
