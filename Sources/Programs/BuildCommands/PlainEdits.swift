internal import Commands
internal import ImageBuilding

/// An edit that takes plain arguments: all there is to say about its verb.
struct PlainEdit: Sendable {
    /// The name of the verb.
    let name: String
    /// What it does, in a line.
    let summary: String
    /// Its arguments.
    let usage: String
    /// How many there are.
    let count: ClosedRange<Int>
    /// What it does to the draft.
    let edit: @Sendable (inout ImageDraft, [String]) throws -> Void

    fileprivate init(
        _ name: String,
        _ usage: String,
        _ summary: String,
        _ count: ClosedRange<Int>? = nil,
        edit: @escaping @Sendable (inout ImageDraft, [String]) throws -> Void
    ) {
        (self.name, self.usage, self.summary) = (name, usage, summary)
        let words = usage.split(separator: " ").count
        self.count = count ?? words...words
        self.edit = edit
    }
}

/// Names an edit.
protocol EditName {
    static var verb: PlainEdit { get }
}

/// The verb of an edit.
struct EditVerb<Name: EditName>: EditingVerb {
    static var name: String { Name.verb.name }
    static var summary: String { Name.verb.summary }
    static var usage: String { Name.verb.usage }
    static var argumentCount: ClosedRange<Int> { Name.verb.count }
    var common = BuildOptions()

    init() {}

    func edit(_ draft: inout ImageDraft, _ arguments: [String]) throws {
        try Name.verb.edit(&draft, arguments)
    }
}

/// The edits, one a verb.
enum Edits {
    /// Their verbs.
    static var verbs: [any Command.Type] {
        [
            EditVerb<AnnotationAdd>.self,
            EditVerb<AnnotationRemove>.self,
            EditVerb<LabelAdd>.self,
            EditVerb<LabelRemove>.self,
            EditVerb<EnvironmentAdd>.self,
            EditVerb<EnvironmentRemove>.self,
            EditVerb<MountRemove>.self,
            EditVerb<PortRemove>.self,
            EditVerb<DependencyRemove>.self,
            EditVerb<IsolatorRemove>.self,
            EditVerb<SetName>.self,
            EditVerb<SetTag>.self,
            EditVerb<SetUser>.self,
            EditVerb<SetGroup>.self,
            EditVerb<SetSupplementaryGroups>.self,
            EditVerb<SetWorkingDirectory>.self,
        ]
    }

    enum AnnotationAdd: EditName {
        static let verb = PlainEdit(
            "annotation add",
            "NAME VALUE",
            "Add an annotation, or change it"
        ) {
            try $0.addAnnotation($1[0], $1[1])
        }
    }

    enum AnnotationRemove: EditName {
        static let verb = PlainEdit("annotation remove", "NAME", "Remove an annotation") {
            try $0.removeAnnotation($1[0])
        }
    }

    enum LabelAdd: EditName {
        static let verb = PlainEdit("label add", "NAME VALUE", "Add a label, or change it") {
            try $0.addLabel($1[0], $1[1])
        }
    }

    enum LabelRemove: EditName {
        static let verb = PlainEdit("label remove", "NAME", "Remove a label") {
            try $0.removeLabel($1[0])
        }
    }

    enum EnvironmentAdd: EditName {
        static let verb = PlainEdit(
            "environment add",
            "NAME VALUE",
            "Add an environment variable, or change it"
        ) {
            try $0.setVariable($1[0], $1[1])
        }
    }

    enum EnvironmentRemove: EditName {
        static let verb = PlainEdit("environment remove", "NAME", "Remove an environment variable")
        {
            try $0.removeVariable($1[0])
        }
    }

    enum MountRemove: EditName {
        static let verb = PlainEdit("mount remove", "NAME|PATH", "Remove a mount point") {
            try $0.removeMount($1[0])
        }
    }

    enum PortRemove: EditName {
        static let verb = PlainEdit("port remove", "NAME|PORT", "Remove a port") {
            try $0.removePort($1[0])
        }
    }

    enum DependencyRemove: EditName {
        static let verb = PlainEdit("dependency remove", "NAME", "Remove a dependency") {
            try $0.removeDependency($1[0])
        }
    }

    enum IsolatorRemove: EditName {
        static let verb = PlainEdit("isolator remove", "NAME", "Remove an isolator") {
            try $0.removeIsolator($1[0])
        }
    }

    enum SetName: EditName {
        static let verb = PlainEdit("set-name", "NAME", "Set the image name") {
            try $0.setName($1[0])
        }
    }

    enum SetTag: EditName {
        static let verb = PlainEdit(
            "set-tag",
            "TAG",
            "Set the tag of an OCI image, or the version of an ACI"
        ) {
            try $0.setTag($1[0])
        }
    }

    enum SetUser: EditName {
        static let verb = PlainEdit("set-user", "USER", "Set the user the app runs as") {
            try $0.setUser($1[0])
        }
    }

    enum SetGroup: EditName {
        static let verb = PlainEdit("set-group", "GROUP", "Set the group the app runs as") {
            try $0.setGroup($1[0])
        }
    }

    enum SetSupplementaryGroups: EditName {
        static let verb = PlainEdit(
            "set-supp-groups",
            "GID...",
            "Set the other groups the app belongs to",
            1...1000
        ) {
            try $0.setSupplementaryGroups($1)
        }
    }

    enum SetWorkingDirectory: EditName {
        static let verb = PlainEdit(
            "set-working-directory",
            "DIRECTORY",
            "Set the directory the app runs in"
        ) {
            try $0.setWorkingDirectory($1[0])
        }
    }
}
