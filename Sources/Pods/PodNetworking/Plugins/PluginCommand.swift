/// What a plugin is asked to do (`CNI_COMMAND`).
package enum PluginCommand: String, Sendable {
    case add = "ADD"
    case check = "CHECK"
    case delete = "DEL"
    case collect = "GC"
    case status = "STATUS"
    case version = "VERSION"
}
