internal import Exchange

extension SetName {
    /// What makes two sets the same: purpose, sender, date, sequence and environment, because a sequence is
    /// used once per date and environment, whatever the number of parts (domain 1.2).
    var identity: String { "\(purpose).\(sender).\(date.compact).\(sequence).\(environment.rawValue)" }
}

extension FileName {
    /// The identity of the set the name belongs to. A name outside the convention stands for itself.
    var identity: String { (try? PartName(self).set)?.identity ?? escaped }
}
