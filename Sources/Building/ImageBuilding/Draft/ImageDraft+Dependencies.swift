package import AppContainer

// What only an ACI has: the images it is built on, and the limits and permissions of its app.
extension ImageDraft {
    /// Says that the image is built on another one; one of the same name goes.
    package mutating func addDependency(_ dependency: Dependency) throws(BuildError) {
        try appc("a dependency") { manifest in
            put(dependency, into: &manifest.dependencies) {
                $0.imageName == dependency.imageName
            }
        }
    }

    /// Removes a dependency.
    package mutating func removeDependency(_ name: String) throws(BuildError) {
        try appc("a dependency") { manifest throws(BuildError) in
            try remove("dependency \"\(name)\"", from: &manifest.dependencies) {
                $0.imageName.text == name
            }
        }
    }

    /// Sets a limit or permission of the app; others of its kind go.
    package mutating func addIsolator(_ isolator: Isolator) throws(BuildError) {
        if case .unknown(let name, _) = isolator {
            throw .invalid("unknown isolator \"\(name)\"")
        }
        try appc("an isolator") { manifest throws(BuildError) in
            var app = manifest.app ?? App()
            app.isolators.removeAll { $0.name == isolator.name }
            app.isolators.append(isolator)
            manifest.app = app
            try check(manifest)
        }
    }

    /// Removes the limits and permissions of a kind.
    ///
    /// Scripts know from acbuild that this fails with the general exit code.
    package mutating func removeIsolator(_ name: String) throws(BuildError) {
        try appc("an isolator") { manifest throws(BuildError) in
            guard let app = manifest.app, app.isolators.contains(where: { $0.name == name }) else {
                throw .invalid("isolator \"\(name)\" to be removed does not exist in this image")
            }
            manifest.app?.isolators.removeAll { $0.name == name }
        }
    }
}
