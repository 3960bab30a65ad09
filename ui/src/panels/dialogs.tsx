import * as state from "../state.ts";
import { BreakDialog } from "./break-dialog.tsx";
import { DesignDialog } from "./design-dialog.tsx";
import { Dialog } from "./dialog.tsx";
import { ExportDialog } from "./export-dialog.tsx";
import { FindDialog } from "./find-dialog.tsx";
import { GoToDialog } from "./go-to-dialog.tsx";
import { HelpDialog } from "./help-dialog.tsx";
import { OpenDialog } from "./open-dialog.tsx";
import { OrdersDialog } from "./orders-dialog.tsx";
import { StartPage } from "./start-page.tsx";

/** Whatever stands over the page; one at a time, left with Esc. */
export function Dialogs() {
  switch (state.dialog.value) {
    case "":
      return null;
    case "help":
      return <HelpDialog />;
    case "start":
      return (
        <Dialog title="Scenarios, incidents, claims" isWide>
          <StartPage />
        </Dialog>
      );
    case "open":
      return <OpenDialog />;
    case "break":
      return (
        <Dialog title="Break something">
          <BreakDialog />
        </Dialog>
      );
    case "design":
      return (
        <Dialog title="Compare two designs" isWide>
          <DesignDialog />
        </Dialog>
      );
    case "find":
      return <FindDialog />;
    case "goto":
      return <GoToDialog />;
    case "orders":
      return <OrdersDialog />;
    case "export":
      return (
        <Dialog title="Share and export">
          <ExportDialog />
        </Dialog>
      );
  }
}
