package import AppContainer

/// What the command line says about one app: an image, and what is different from what the image says.
package struct AppOptions: Equatable, Sendable {
    /// The image as it was typed.
    package var image: String
    /// The signature file that was given for it.
    package var signature: String?
    package var name: ACName?
    /// Replaces the image's program and arguments.
    package var program: String?
    /// Behind the program, or behind the image's own arguments if the program is the image's.
    package var arguments: [String] = []
    package var workingDirectory: String?
    package var hasReadOnlyRoot = false
    package var mounts: [Mount] = []
    package var user: UserSpec?
    package var group: GroupSpec?
    package var supplementaryGroups: [UInt32]?
    package var annotations: [Annotation] = []
    package var userAnnotations: [String: String] = [:]
    package var userLabels: [String: String] = [:]
    package var environment: [EnvironmentVariable] = []
    /// Each replaces the image's of its kind (both kinds, where one kind excludes the other).
    package var isolators: [Isolator] = []

    /// An app that is just what its image says.
    package init(image: String) { self.image = image }
}
