<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es" sourcelanguage="en">
  <context>
    <name>Lode</name>
    <message>
      <source>Inputs and options</source>
      <translation>Entradas y opciones</translation>
    </message>
    <message>
      <source>Outputs</source>
      <translation>Salidas</translation>
    </message>
    <message>
      <source>On the command line: {}</source>
      <translation>En la línea de órdenes: {}</translation>
    </message>
    <message>
      <source>Open the resulting layers</source>
      <translation>Abrir las capas resultantes</translation>
    </message>
    <message>
      <source>Summary</source>
      <translation>Resumen</translation>
    </message>
    <message>
      <source>Cancelled. No output was written.</source>
      <translation>Cancelado. No se escribió ningún resultado.</translation>
    </message>
    <message>
      <source>HTML report</source>
      <translation>Informe HTML</translation>
    </message>
    <message>
      <source>Model and training curve</source>
      <translation>Modelo y curva de entrenamiento</translation>
    </message>
    <message>
      <source>From samples to a printed map</source>
      <translation>De las muestras a un mapa impreso</translation>
    </message>
    <message>
      <source>Element stack</source>
      <translation>Pila de elementos</translation>
    </message>
    <message>
      <source>Sheet file</source>
      <translation>Archivo de la hoja</translation>
    </message>
    <message>
      <source>Title</source>
      <translation>Título</translation>
    </message>
    <message>
      <source>Folder for the results</source>
      <translation>Carpeta para los resultados</translation>
    </message>
    <message>
      <source>Grids the samples, makes a prospectivity map with a report, and prints it. Run it as a batch with one deposit filter a row to map several commodities.</source>
      <translation>Interpola las muestras, hace un mapa de prospectividad con un informe y lo imprime. Ejecútelo por lotes, con un filtro de yacimientos por fila, para cartografiar varias sustancias.</translation>
    </message>
    <message>
      <source>{}: layer '{}' has no features.</source>
      <translation>{}: la capa '{}' no tiene objetos.</translation>
    </message>
    <message>
      <source>{}: nothing is selected in '{}'; select features or switch off 'Selected features only'.</source>
      <translation>{}: no hay nada seleccionado en '{}'; seleccione objetos o desactive 'Solo objetos seleccionados'.</translation>
    </message>
    <message>
      <source>The filter '{}' cannot be read: {}</source>
      <translation>El filtro '{}' no se puede leer: {}</translation>
    </message>
    <message>
      <source>The filter '{}' leaves no feature of '{}'; change it.</source>
      <translation>El filtro '{}' no deja ningún objeto de '{}'; cámbielo.</translation>
    </message>
    <message>
      <source>{}: layer '{}' has no CRS; set it in the layer's properties.</source>
      <translation>{}: la capa '{}' no tiene SRC; asígnelo en las propiedades de la capa.</translation>
    </message>
    <message>
      <source>{}: layer '{}' lies outside raster '{}'; choose layers of one area or correct the CRS.</source>
      <translation>{}: la capa '{}' queda fuera del ráster '{}'; elija capas de una misma zona o corrija el SRC.</translation>
    </message>
    <message>
      <source>{}: '{}' is a file; choose a folder.</source>
      <translation>{}: '{}' es un archivo; elija una carpeta.</translation>
    </message>
    <message>
      <source>{}: the folder '{}' does not exist; choose another one.</source>
      <translation>{}: la carpeta '{}' no existe; elija otra.</translation>
    </message>
    <message>
      <source>{}: this is not a raster that QGIS can open; choose another one.</source>
      <translation>{}: esto no es un ráster que QGIS pueda abrir; elija otro.</translation>
    </message>
    <message>
      <source>{}: '{}' lies on another grid than '{}'; align them first with 'lode:stack'.</source>
      <translation>{}: '{}' está en otra malla que '{}'; alinéelos primero con 'lode:stack'.</translation>
    </message>
    <message>
      <source>{}: {:.10g} m is outside the range from {:.10g} m to {:.10g} m; change it.</source>
      <translation>{}: {:.10g} m está fuera del intervalo de {:.10g} m a {:.10g} m; cámbielo.</translation>
    </message>
    <message>
      <source>{}: the layer cannot be opened; choose another one.</source>
      <translation>{}: la capa no se puede abrir; elija otra.</translation>
    </message>
    <message>
      <source>The filter names column '{}', which layer '{}' does not have; its columns are {}.</source>
      <translation>El filtro nombra la columna '{}', que la capa '{}' no tiene; sus columnas son {}.</translation>
    </message>
    <message>
      <source>{}: there is no file '{}'.</source>
      <translation>{}: no existe el archivo '{}'.</translation>
    </message>
    <message>
      <source>The stack lacks bands that the model needs: {}. Choose the stack the model was made for, or one with the same elements.</source>
      <translation>A la pila le faltan bandas que el modelo necesita: {}. Elija la pila con la que se hizo el modelo u otra con los mismos elementos.</translation>
    </message>
    <message>
      <source>{}: the file name '{}' must end in {}.</source>
      <translation>{}: el nombre de archivo '{}' debe terminar en {}.</translation>
    </message>
    <message>
      <source>{}: '{}' is also an input; choose another file name.</source>
      <translation>{}: '{}' también es una entrada; elija otro nombre de archivo.</translation>
    </message>
    <message>
      <source>{}: '{}' cannot be written; choose another place.</source>
      <translation>{}: no se puede escribir '{}'; elija otro lugar.</translation>
    </message>
    <message>
      <source>{}: raster '{}' has no CRS; give it one with 'Assign projection'.</source>
      <translation>{}: el ráster '{}' no tiene SRC; asígnelo con 'Asignar proyección'.</translation>
    </message>
    <message>
      <source>{}: a window of {} cells is larger than raster '{}' ({} x {} cells); choose a smaller window.</source>
      <translation>{}: una ventana de {} celdas es mayor que el ráster '{}' ({} x {} celdas); elija una ventana menor.</translation>
    </message>
    <message>
      <source>The embedding has data in fewer than three cells.</source>
      <translation>La incrustación tiene datos en menos de tres celdas.</translation>
    </message>
    <message>
      <source>'{}' has fewer than three embedding bands.</source>
      <translation>'{}' tiene menos de tres bandas de incrustación.</translation>
    </message>
    <message>
      <source>{} h {} min</source>
      <translation>{} h {} min</translation>
    </message>
    <message>
      <source>{} s</source>
      <translation>{} s</translation>
    </message>
    <message>
      <source>{} min</source>
      <translation>{} min</translation>
    </message>
    <message>
      <source>{} (about {} left)</source>
      <translation>{} (quedan unos {})</translation>
    </message>
    <message>
      <source>The same on the command line:</source>
      <translation>Lo mismo en la línea de órdenes:</translation>
    </message>
    <message>
      <source>Parameter</source>
      <translation>Parámetro</translation>
    </message>
    <message>
      <source>Meaning</source>
      <translation>Significado</translation>
    </message>
    <message>
      <source>Name in scripts</source>
      <translation>Nombre en scripts</translation>
    </message>
    <message>
      <source>Default</source>
      <translation>Por defecto</translation>
    </message>
    <message>
      <source>In scripts and with qgis_process this is {}; parameters are named as in the last column.</source>
      <translation>En scripts y con qgis_process se llama {}; los parámetros se nombran como en la última columna.</translation>
    </message>
    <message>
      <source>From {:.10g} to {:.10g} {}</source>
      <translation>De {:.10g} a {:.10g} {}</translation>
    </message>
    <message>
      <source>reading the stack</source>
      <translation>leyendo la pila de bandas</translation>
    </message>
    <message>
      <source>looking for cells with data</source>
      <translation>buscando celdas con datos</translation>
    </message>
    <message>
      <source>pretraining, step {} of {}, loss {}</source>
      <translation>preentrenamiento, paso {} de {}, pérdida {}</translation>
    </message>
    <message>
      <source>settling normalisation</source>
      <translation>fijando la normalización</translation>
    </message>
    <message>
      <source>pretrained</source>
      <translation>preentrenado</translation>
    </message>
    <message>
      <source>reading places</source>
      <translation>leyendo lugares</translation>
    </message>
    <message>
      <source>choosing the head's inputs</source>
      <translation>eligiendo las entradas de la cabeza</translation>
    </message>
    <message>
      <source>fitting the head</source>
      <translation>ajustando la cabeza</translation>
    </message>
    <message>
      <source>mapping</source>
      <translation>calculando el mapa</translation>
    </message>
    <message>
      <source>drawing background</source>
      <translation>sorteando el fondo</translation>
    </message>
    <message>
      <source>reading bands</source>
      <translation>leyendo bandas</translation>
    </message>
    <message>
      <source>best single band</source>
      <translation>mejor banda sola</translation>
    </message>
    <message>
      <source>intervals</source>
      <translation>intervalos</translation>
    </message>
    <message>
      <source>contrastive embedding and head</source>
      <translation>representación contrastiva y cabeza</translation>
    </message>
    <message>
      <source>ridge logistic on the bands</source>
      <translation>logística con cresta sobre las bandas</translation>
    </message>
    <message>
      <source>regions</source>
      <translation>regiones</translation>
    </message>
    <message>
      <source>writing</source>
      <translation>escribiendo</translation>
    </message>
    <message>
      <source>Fitting variograms</source>
      <translation>Ajustando variogramas</translation>
    </message>
    <message>
      <source>Gridding</source>
      <translation>Interpolando</translation>
    </message>
    <message>
      <source>Bands: {} elements ({}) and {} other layers (scaled only).</source>
      <translation>Bandas: {} elementos ({}) y {} capas de otro tipo (solo escaladas).</translation>
    </message>
    <message>
      <source>Deposits: {} read from '{}', {} used ({} outside the stack, {} on cells without data, {} in the cell of another).</source>
      <translation>Yacimientos: {} leídos de '{}', {} usados ({} fuera de la pila, {} en celdas sin datos, {} en la celda de otro).</translation>
    </message>
    <message>
      <source>Head: {} % from {}, strength {} (AUC {} in inner spatial folds).</source>
      <translation>Cabeza: {} % de {}, penalización {} (AUC {} en particiones espaciales internas).</translation>
    </message>
    <message>
      <source>Together: AUC {} in inner spatial folds.</source>
      <translation>En conjunto: AUC {} en particiones espaciales internas.</translation>
    </message>
    <message>
      <source>{} targets, {} km2 in all, score at least {}.</source>
      <translation>{} objetivos, {} km2 en total, puntuación de al menos {}.</translation>
    </message>
    <message>
      <source>{} samples in '{}' (layer {}), {} elements used of {} columns found.</source>
      <translation>{} muestras en '{}' (capa {}), {} elementos usados de {} columnas encontradas.</translation>
    </message>
    <message>
      <source>The buffer between test deposits and training places is {} instead of one window ({}), because a whole window would leave under two thirds of the deposits to train on. Windows of test and training places overlap in part, so the values may be optimistic.</source>
      <translation>La separación entre los yacimientos de prueba y los lugares de entrenamiento es de {} en lugar de una ventana ({}), porque una ventana entera dejaría menos de dos tercios de los yacimientos para entrenar. Las ventanas de prueba y de entrenamiento se solapan en parte, así que los valores pueden ser optimistas.</translation>
    </message>
    <message>
      <source>'{}' ranks deposits it was not shown above background with an AUC of {} ({} to {}; 0.50 is chance); the best tenth of the area holds {} % of them.</source>
      <translation>'{}' sitúa los yacimientos que no se le mostraron por encima del fondo con un AUC de {} ({} a {}; 0.50 es azar); la mejor décima parte del área contiene el {} % de ellos.</translation>
    </message>
    <message>
      <source>Lode library file (empty: found by itself)</source>
      <translation>Archivo de la biblioteca Lode (vacío: se busca sola)</translation>
    </message>
    <message>
      <source>Sample project</source>
      <translation>Proyecto de ejemplo</translation>
    </message>
    <message>
      <source>Grid</source>
      <translation>Malla</translation>
    </message>
    <message>
      <source>Map</source>
      <translation>Mapa</translation>
    </message>
    <message>
      <source>Sheet</source>
      <translation>Hoja</translation>
    </message>
    <message>
      <source>library missing</source>
      <translation>falta la biblioteca</translation>
    </message>
    <message>
      <source>In the unit of '{}', or in metres where that is in degrees or has no CRS.</source>
      <translation>En la unidad de «{}», o en metros si está en grados o no tiene SRC.</translation>
    </message>
    <message>
      <source>Lode model</source>
      <translation>Modelo Lode</translation>
    </message>
    <message>
      <source>JSON</source>
      <translation>JSON</translation>
    </message>
    <message>
      <source>Lode view</source>
      <translation>Vista Lode</translation>
    </message>
    <message>
      <source>Virtual raster</source>
      <translation>Ráster virtual</translation>
    </message>
    <message>
      <source>ONNX model</source>
      <translation>Modelo ONNX</translation>
    </message>
    <message>
      <source>Table</source>
      <translation>Tabla</translation>
    </message>
    <message>
      <source>GeoPackage</source>
      <translation>GeoPackage</translation>
    </message>
    <message>
      <source>GeoTIFF</source>
      <translation>GeoTIFF</translation>
    </message>
    <message>
      <source>All files (*)</source>
      <translation>Todos los archivos (*)</translation>
    </message>
    <message>
      <source>Further rasters on the same grid</source>
      <translation>Otros rásteres de la misma malla</translation>
    </message>
    <message>
      <source>Rasters with the same grid whose bands are added to the stack.</source>
      <translation>Rásteres con la misma malla cuyas bandas se añaden a la pila.</translation>
    </message>
    <message>
      <source>Lode: {}</source>
      <translation>Lode: {}</translation>
    </message>
    <message>
      <source>Warning: {}</source>
      <translation>Advertencia: {}</translation>
    </message>
    <message>
      <source>Model: {}</source>
      <translation>Modelo: {}</translation>
    </message>
    <message>
      <source>Picture of the embedding: {}</source>
      <translation>Imagen de la incrustación: {}</translation>
    </message>
    <message>
      <source>There is not enough memory for this sheet; lower the resolution.</source>
      <translation>No hay memoria suficiente para esta hoja; reduzca la resolución.</translation>
    </message>
    <message>
      <source>'{}' cannot be written; choose another place.</source>
      <translation>No se puede escribir '{}'; elija otro lugar.</translation>
    </message>
    <message>
      <source>Template '{}' has no map with the id 'map'.</source>
      <translation>La plantilla '{}' no tiene un mapa con el identificador 'map'.</translation>
    </message>
    <message>
      <source>Template '{}' cannot be read.</source>
      <translation>La plantilla '{}' no se puede leer.</translation>
    </message>
    <message>
      <source>Template '{}' is not a layout template.</source>
      <translation>'{}' no es una plantilla de composición.</translation>
    </message>
    <message>
      <source>The sheet could not be printed to '{}'.</source>
      <translation>La hoja no se pudo imprimir en '{}'.</translation>
    </message>
    <message>
      <source>below 80</source>
      <translation>menos de 80</translation>
    </message>
    <message>
      <source>80 to 90</source>
      <translation>80 a 90</translation>
    </message>
    <message>
      <source>90 to 95</source>
      <translation>90 a 95</translation>
    </message>
    <message>
      <source>95 to 99</source>
      <translation>95 a 99</translation>
    </message>
    <message>
      <source>99 and above</source>
      <translation>99 o más</translation>
    </message>
    <message>
      <source>Score</source>
      <translation>Puntuación</translation>
    </message>
    <message>
      <source>Percentile</source>
      <translation>Percentil</translation>
    </message>
    <message>
      <source>Percentile classes (80, 90, 95, 99)</source>
      <translation>Clases de percentil (80, 90, 95, 99)</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incertidumbre</translation>
    </message>
    <message>
      <source>Support</source>
      <translation>Apoyo</translation>
    </message>
    <message>
      <source>Anomaly</source>
      <translation>Anomalía</translation>
    </message>
    <message>
      <source>Attribution</source>
      <translation>Atribución</translation>
    </message>
    <message>
      <source>Element</source>
      <translation>Elemento</translation>
    </message>
    <message>
      <source>Embedding as colours</source>
      <translation>Incrustación en colores</translation>
    </message>
    <message>
      <source>Targets by rank</source>
      <translation>Objetivos por rango</translation>
    </message>
    <message>
      <source>Deposits by commodity</source>
      <translation>Yacimientos por sustancia</translation>
    </message>
    <message>
      <source>Samples</source>
      <translation>Muestras</translation>
    </message>
    <message>
      <source>About Lode</source>
      <translation>Acerca de Lode</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>Ayuda</translation>
    </message>
    <message>
      <source>Shows which Lode library QGIS uses, where it was found and which tasks it offers. Run this first when something does not work: it says what is missing and what to do.</source>
      <translation>Muestra qué biblioteca Lode usa QGIS, dónde se encontró y qué tareas ofrece. Ejecútelo primero cuando algo no funcione: dice qué falta y qué hacer.</translation>
    </message>
    <message>
      <source>Interface</source>
      <translation>Interfaz</translation>
    </message>
    <message>
      <source>Page about Lode</source>
      <translation>Página acerca de Lode</translation>
    </message>
    <message>
      <source>Library file</source>
      <translation>Archivo de la biblioteca</translation>
    </message>
    <message>
      <source>Tasks</source>
      <translation>Tareas</translation>
    </message>
    <message>
      <source>Problem</source>
      <translation>Problema</translation>
    </message>
    <message>
      <source>Apply a Lode style</source>
      <translation>Aplicar un estilo de Lode</translation>
    </message>
    <message>
      <source>5 Print</source>
      <translation>5 Imprimir</translation>
    </message>
    <message>
      <source>Gives a layer one of Lode's styles: score, percentile, percentile in classes at 80, 90, 95 and 99, uncertainty, support, anomaly, embedding as colours, targets labelled by rank, deposits coloured by commodity.</source>
      <translation>Da a una capa uno de los estilos de Lode: puntuación, percentil, percentil en clases a 80, 90, 95 y 99, incertidumbre, apoyo, anomalía, incrustación en colores, objetivos rotulados por rango, yacimientos coloreados por sustancia.</translation>
    </message>
    <message>
      <source>The colour ramps are perceptually uniform and can be read by colour-blind users.</source>
      <translation>Las rampas de color son perceptualmente uniformes y las distinguen los lectores daltónicos.</translation>
    </message>
    <message>
      <source>'Automatic' takes the style that fits the layer's bands or columns.</source>
      <translation>'Automático' toma el estilo que corresponde a las bandas o columnas de la capa.</translation>
    </message>
    <message>
      <source>'Embedding as colours' writes a picture of the embedding bands beside the raster: the first three principal components as red, green and blue. Places that look alike to the encoder get the same colour.</source>
      <translation>'Incrustación en colores' escribe junto al ráster una imagen de las bandas de la incrustación: las tres primeras componentes principales como rojo, verde y azul. Los lugares que el codificador ve parecidos reciben el mismo color.</translation>
    </message>
    <message>
      <source>Style</source>
      <translation>Estilo</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>Capa</translation>
    </message>
    <message>
      <source>Write the style beside the layer's file (.qml)</source>
      <translation>Escribir el estilo junto al archivo de la capa (.qml)</translation>
    </message>
    <message>
      <source>Styled layer</source>
      <translation>Capa con estilo</translation>
    </message>
    <message>
      <source>The layer cannot be opened; choose another one.</source>
      <translation>La capa no se puede abrir; elija otra.</translation>
    </message>
    <message>
      <source>Style: {}</source>
      <translation>Estilo: {}</translation>
    </message>
    <message>
      <source>Style written: {}</source>
      <translation>Estilo escrito: {}</translation>
    </message>
    <message>
      <source>Automatic: what fits the layer</source>
      <translation>Automático: el que corresponde a la capa</translation>
    </message>
    <message>
      <source>Style '{}' does not fit layer '{}'.</source>
      <translation>El estilo '{}' no sirve para la capa '{}'.</translation>
    </message>
    <message>
      <source>No style fits layer '{}'; choose one by name.</source>
      <translation>Ningún estilo sirve para la capa '{}'; elija uno por su nombre.</translation>
    </message>
    <message>
      <source>Print a map sheet</source>
      <translation>Imprimir una hoja de mapa</translation>
    </message>
    <message>
      <source>degrees</source>
      <translation>grados</translation>
    </message>
    <message>
      <source>Prints the prospectivity map on an A4 or A3 sheet: title, legend, grid, scale bar, north arrow, CRS, how the map was made, the warnings of the report and the success-rate curves of the validation.</source>
      <translation>Imprime el mapa de prospectividad en una hoja A4 o A3: título, leyenda, cuadrícula, escala, flecha norte, SRC, cómo se hizo el mapa, las advertencias del informe y las curvas de acierto de la validación.</translation>
    </message>
    <message>
      <source>The report is found beside the map (report.json) when none is named.</source>
      <translation>Si no se nombra un informe, se usa el que está junto al mapa (report.json).</translation>
    </message>
    <message>
      <source>With a file for target pages, each target gets a page of its own.</source>
      <translation>Con un archivo para las páginas de objetivos, cada objetivo tiene su propia página.</translation>
    </message>
    <message>
      <source>The sheet comes from a layout template. To restyle it, open a template of the plugin's folder 'templates' in the layout designer, save it under your own name and choose that file here.</source>
      <translation>La hoja procede de una plantilla de composición. Para cambiar su aspecto, abra una plantilla de la carpeta 'templates' del complemento en el diseñador de composiciones, guárdela con otro nombre y elija aquí ese archivo.</translation>
    </message>
    <message>
      <source>Share of the area (%)</source>
      <translation>Parte del área (%)</translation>
    </message>
    <message>
      <source>Deposits found (%)</source>
      <translation>Yacimientos hallados (%)</translation>
    </message>
    <message>
      <source>Target</source>
      <translation>Objetivo</translation>
    </message>
    <message>
      <source>Prospectivity map</source>
      <translation>Mapa de prospectividad</translation>
    </message>
    <message>
      <source>Known deposits</source>
      <translation>Yacimientos conocidos</translation>
    </message>
    <message>
      <source>Targets</source>
      <translation>Objetivos</translation>
    </message>
    <message>
      <source>Mineral prospectivity</source>
      <translation>Prospectividad mineral</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>Mostrar</translation>
    </message>
    <message>
      <source>Open the sheet when it is printed</source>
      <translation>Abrir la hoja cuando esté impresa</translation>
    </message>
    <message>
      <source>PDF (*.pdf);;PNG (*.png);;SVG (*.svg)</source>
      <translation>PDF (*.pdf);;PNG (*.png);;SVG (*.svg)</translation>
    </message>
    <message>
      <source>Target pages</source>
      <translation>Páginas de objetivos</translation>
    </message>
    <message>
      <source>PDF (*.pdf)</source>
      <translation>PDF (*.pdf)</translation>
    </message>
    <message>
      <source>Raster made by 'Make a prospectivity map' or 'Predict prospectivity'.</source>
      <translation>Ráster hecho por «Hacer un mapa de prospectividad» o «Predecir la prospectividad».</translation>
    </message>
    <message>
      <source>Drawn as points, coloured by commodity where the layer tells it.</source>
      <translation>Dibujados como puntos, con el color de la sustancia si la capa la indica.</translation>
    </message>
    <message>
      <source>Polygons made by 'Make a prospectivity map' or 'Rank targets', labelled by rank.</source>
      <translation>Polígonos hechos por «Hacer un mapa de prospectividad» u «Ordenar objetivos», rotulados por su rango.</translation>
    </message>
    <message>
      <source>The band of the map that is shown.</source>
      <translation>La banda del mapa que se muestra.</translation>
    </message>
    <message>
      <source>In the program that shows such files on this computer. A temporary file is gone when QGIS is closed: save it from there, or choose a file here.</source>
      <translation>En el programa que muestra esos archivos en este ordenador. Un archivo temporal desaparece al cerrar QGIS: guárdelo desde allí, o elija aquí un archivo.</translation>
    </message>
    <message>
      <source>Further lines for the sheet: area, project, who made it.</source>
      <translation>Más líneas para la hoja: zona, proyecto, autor.</translation>
    </message>
    <message>
      <source>Empty: report.json in the folder of the map.</source>
      <translation>Vacío: report.json en la carpeta del mapa.</translation>
    </message>
    <message>
      <source>Used in place of the sheets that come with Lode.</source>
      <translation>Se usa en lugar de las hojas que vienen con Lode.</translation>
    </message>
    <message>
      <source>A PDF that tells coordinates and opens as a layer.</source>
      <translation>Un PDF que indica coordenadas y se abre como capa.</translation>
    </message>
    <message>
      <source>The ending of the name (.pdf, .png, .svg) chooses the format.</source>
      <translation>La terminación del nombre (.pdf, .png, .svg) elige el formato.</translation>
    </message>
    <message>
      <source>A second PDF with a page for each target, in the order of ranks.</source>
      <translation>Un segundo PDF con una página por objetivo, en el orden de los rangos.</translation>
    </message>
    <message>
      <source>Note</source>
      <translation>Nota</translation>
    </message>
    <message>
      <source>Report of the map (report.json)</source>
      <translation>Informe del mapa (report.json)</translation>
    </message>
    <message>
      <source>Own layout template</source>
      <translation>Plantilla de composición propia</translation>
    </message>
    <message>
      <source>Resolution (dots per inch)</source>
      <translation>Resolución (puntos por pulgada)</translation>
    </message>
    <message>
      <source>Write the PDF as GeoPDF</source>
      <translation>Escribir el PDF como GeoPDF</translation>
    </message>
    <message>
      <source>Target pages: choose the layer of targets too.</source>
      <translation>Páginas de objetivos: elija también la capa de objetivos.</translation>
    </message>
    <message>
      <source>Prospectivity map: this is not a raster that QGIS can open.</source>
      <translation>Mapa de prospectividad: esto no es un ráster que QGIS pueda abrir.</translation>
    </message>
    <message>
      <source>A4 landscape</source>
      <translation>A4 apaisado</translation>
    </message>
    <message>
      <source>A4 portrait</source>
      <translation>A4 vertical</translation>
    </message>
    <message>
      <source>A3 landscape</source>
      <translation>A3 apaisado</translation>
    </message>
    <message>
      <source>A3 portrait</source>
      <translation>A3 vertical</translation>
    </message>
    <message>
      <source>Sheet: {}</source>
      <translation>Hoja: {}</translation>
    </message>
    <message>
      <source>No report.json beside the map: the sheet has no validation.</source>
      <translation>No hay report.json junto al mapa: la hoja no lleva validación.</translation>
    </message>
    <message>
      <source>{}; cells of {:.6g} x {:.6g} {}</source>
      <translation>{}; celdas de {:.6g} x {:.6g} {}</translation>
    </message>
    <message>
      <source>Made with Lode {}, {}</source>
      <translation>Hecho con Lode {}, {}</translation>
    </message>
    <message>
      <source>{} known deposits; spatial cross-validation: {} folds, repeats: {}</source>
      <translation>{} yacimientos conocidos; validación cruzada espacial: {} particiones, repeticiones: {}</translation>
    </message>
    <message>
      <source>Sheet file: the name must end in {}.</source>
      <translation>Archivo de la hoja: el nombre debe terminar en {}.</translation>
    </message>
    <message>
      <source>Sheet file: folder '{}' cannot be written; choose another place.</source>
      <translation>Archivo de la hoja: no se puede escribir en la carpeta '{}'; elija otro lugar.</translation>
    </message>
    <message>
      <source>Target pages: {}</source>
      <translation>Páginas de objetivos: {}</translation>
    </message>
    <message>
      <source>Raster '{}' has no band '{}'; it has {}.</source>
      <translation>El ráster '{}' no tiene la banda '{}'; tiene {}.</translation>
    </message>
    <message>
      <source>Report '{}' cannot be read.</source>
      <translation>El informe '{}' no se puede leer.</translation>
    </message>
    <message>
      <source>Open the sample project</source>
      <translation>Abrir el proyecto de ejemplo</translation>
    </message>
    <message>
      <source>Lode sample project</source>
      <translation>Proyecto de ejemplo de Lode</translation>
    </message>
    <message>
      <source>Faults</source>
      <translation>Fallas</translation>
    </message>
    <message>
      <source>Element grids</source>
      <translation>Mallas de elementos</translation>
    </message>
    <message>
      <source>Geology</source>
      <translation>Geología</translation>
    </message>
    <message>
      <source>Makes a small simulated survey with known gold deposits, and a QGIS project that shows it. The area is imagined; the data are as hard as those of a real survey.</source>
      <translation>Crea un pequeño reconocimiento simulado con yacimientos de oro conocidos y un proyecto de QGIS que lo muestra. La zona es imaginaria; los datos son tan difíciles como los de un reconocimiento real.</translation>
    </message>
    <message>
      <source>Then run 'Make a prospectivity map' in group 3: the stack and the deposits are already chosen.</source>
      <translation>Después ejecute 'Hacer un mapa de prospectividad' en el grupo 3: la pila y los yacimientos ya están elegidos.</translation>
    </message>
    <message>
      <source>The hidden deposits are in truth.gpkg; add them afterwards to see how many the map found.</source>
      <translation>Los yacimientos ocultos están en truth.gpkg; añádalos después para ver cuántos halló el mapa.</translation>
    </message>
    <message>
      <source>Folder</source>
      <translation>Carpeta</translation>
    </message>
    <message>
      <source>Open it in this window (the present project must be saved)</source>
      <translation>Abrirlo en esta ventana (el proyecto actual debe estar guardado)</translation>
    </message>
    <message>
      <source>Then open 'Make a prospectivity map'</source>
      <translation>Después abrir 'Hacer un mapa de prospectividad'</translation>
    </message>
    <message>
      <source>Project file</source>
      <translation>Archivo del proyecto</translation>
    </message>
    <message>
      <source>The present project has unsaved changes: save it first, or switch off 'Open it in this window'.</source>
      <translation>El proyecto actual tiene cambios sin guardar: guárdelo primero o desactive 'Abrirlo en esta ventana'.</translation>
    </message>
    <message>
      <source>Project: {}</source>
      <translation>Proyecto: {}</translation>
    </message>
    <message>
      <source>Project '{}' cannot be written: {}</source>
      <translation>El proyecto '{}' no se puede escribir: {}</translation>
    </message>
    <message>
      <source>Layer '{}' is not a raster file; save it as GeoTIFF first.</source>
      <translation>La capa '{}' no es un archivo ráster; guárdela primero como GeoTIFF.</translation>
    </message>
    <message>
      <source>{}: the layer cannot be opened.</source>
      <translation>{}: la capa no se puede abrir.</translation>
    </message>
    <message>
      <source>{}: {:.10g} {} = {:.10g} m</source>
      <translation>{}: {:.10g} {} = {:.10g} m</translation>
    </message>
  </context>
  <context>
    <name>LodeRegistry</name>
    <message>
      <source>1 Data</source>
      <translation>1 Datos</translation>
    </message>
    <message>
      <source>Grid samples</source>
      <translation>Interpolar muestras</translation>
    </message>
    <message>
      <source>Turns a laboratory's table into an aligned stack, one band an element.</source>
      <translation>Convierte la tabla del laboratorio en una pila alineada, una banda por elemento.</translation>
    </message>
    <message>
      <source>Reads a table of samples, finds coordinates, element columns and their units, and prints what it understood before anything is gridded (--dry-run stops there).</source>
      <translation>Lee una tabla de muestras, encuentra las coordenadas, las columnas de elementos y sus unidades, y muestra lo que ha entendido antes de interpolar nada (--dry-run se detiene ahí).</translation>
    </message>
    <message>
      <source>Values come out in ppm. '&lt;0.5', negative numbers and zeros are values below a detection limit; -9999, N/A and empty cells are missing. Of two columns for one element (Al and Al2O3, two methods) the one with more measured values is used. Samples repeated under another number are left out. A warning names columns in which one laboratory or report differs tenfold from another, and units that seem mistyped.</source>
      <translation>Los valores salen en ppm. '&lt;0.5', los números negativos y los ceros son valores por debajo de un límite de detección; -9999, N/A y las celdas vacías son datos que faltan. De dos columnas de un mismo elemento (Al y Al2O3, dos métodos) se usa la que tiene más valores medidos. Se descartan las muestras repetidas con otro número. Un aviso nombra las columnas en las que un laboratorio o informe difiere de otro en un factor de diez, y las unidades que parecen mal escritas.</translation>
    </message>
    <message>
      <source>Inverse distance works on the values, kriging on their logarithm with a variogram fitted for each element; leave-one-out errors tell how good it is. Cells far from any sample get no data.</source>
      <translation>La distancia inversa trabaja con los valores; el kriging, con su logaritmo y un variograma ajustado a cada elemento; los errores al dejar una muestra fuera dicen cuán bueno es. Las celdas lejos de toda muestra quedan sin datos.</translation>
    </message>
    <message>
      <source>Samples</source>
      <translation>Muestras</translation>
    </message>
    <message>
      <source>Table or point layer of assays: CSV, XLSX, GeoPackage, Shapefile, GeoJSON ...</source>
      <translation>Tabla o capa de puntos con análisis: CSV, XLSX, GeoPackage, Shapefile, GeoJSON ...</translation>
    </message>
    <message>
      <source>Element stack</source>
      <translation>Pila de elementos</translation>
    </message>
    <message>
      <source>GeoTIFF to write, one band an element.</source>
      <translation>GeoTIFF que se escribe, una banda por elemento.</translation>
    </message>
    <message>
      <source>Elements</source>
      <translation>Elementos</translation>
    </message>
    <message>
      <source>Elements or columns to grid, for example Au,As,Cu; by default every one recognised.</source>
      <translation>Elementos o columnas que se interpolan, por ejemplo Au,As,Cu; por defecto, todos los reconocidos.</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Método</translation>
    </message>
    <message>
      <source>idw: inverse distance weighting; kriging: ordinary kriging with a variogram fitted to each element; nearest: value of the nearest sample.</source>
      <translation>idw: ponderación por distancia inversa; kriging: kriging ordinario con un variograma ajustado a cada elemento; nearest: valor de la muestra más cercana.</translation>
    </message>
    <message>
      <source>Inverse distance weighting</source>
      <translation>Ponderación por distancia inversa</translation>
    </message>
    <message>
      <source>Ordinary kriging</source>
      <translation>Kriging ordinario</translation>
    </message>
    <message>
      <source>Nearest sample</source>
      <translation>Muestra más cercana</translation>
    </message>
    <message>
      <source>Cell size</source>
      <translation>Tamaño de celda</translation>
    </message>
    <message>
      <source>Side of a cell; by default about a third of the median sample spacing.</source>
      <translation>Lado de una celda; por defecto, cerca de un tercio de la distancia mediana entre muestras.</translation>
    </message>
    <message>
      <source>m</source>
      <translation>m</translation>
    </message>
    <message>
      <source>CRS</source>
      <translation>SRC</translation>
    </message>
    <message>
      <source>CRS of the stack; by default the samples' own, or the UTM zone of samples in degrees.</source>
      <translation>SRC de la pila; por defecto, el de las muestras, o la zona UTM si están en grados.</translation>
    </message>
    <message>
      <source>Reference grid</source>
      <translation>Malla de referencia</translation>
    </message>
    <message>
      <source>Raster whose extent, cells and CRS the stack gets.</source>
      <translation>Ráster cuya extensión, celdas y SRC toma la pila.</translation>
    </message>
    <message>
      <source>Extent</source>
      <translation>Extensión</translation>
    </message>
    <message>
      <source>Extent of the stack in its CRS; by default that of the samples.</source>
      <translation>Extensión de la pila en su SRC; por defecto, la de las muestras.</translation>
    </message>
    <message>
      <source>Largest distance to a sample</source>
      <translation>Mayor distancia a una muestra</translation>
    </message>
    <message>
      <source>Cells further from the nearest sample get no data; by default the radius, or 3 times the spacing that 90 % of the samples keep.</source>
      <translation>Las celdas más alejadas de la muestra más cercana quedan sin datos; por defecto, el radio, o 3 veces la distancia que guarda el 90 % de las muestras.</translation>
    </message>
    <message>
      <source>Neighbours</source>
      <translation>Vecinos</translation>
    </message>
    <message>
      <source>Nearest samples used for a cell; by default 12, and 24 for kriging.</source>
      <translation>Muestras más cercanas usadas para una celda; por defecto 12, y 24 para kriging.</translation>
    </message>
    <message>
      <source>Search radius</source>
      <translation>Radio de búsqueda</translation>
    </message>
    <message>
      <source>Samples further away are not used; by default the nearest ones at any distance.</source>
      <translation>Las muestras más alejadas no se usan; por defecto, las más cercanas a cualquier distancia.</translation>
    </message>
    <message>
      <source>Power</source>
      <translation>Potencia</translation>
    </message>
    <message>
      <source>Exponent of the distance in idw.</source>
      <translation>Exponente de la distancia en idw.</translation>
    </message>
    <message>
      <source>Scale</source>
      <translation>Escala</translation>
    </message>
    <message>
      <source>raw: the values themselves; log: their logarithm, back as the median; clr: centred log-ratios, which the bands then hold. auto is raw, and log for kriging.</source>
      <translation>raw: los valores tal cual; log: su logaritmo, devuelto como mediana; clr: log-cocientes centrados, que son lo que contienen entonces las bandas. auto es raw, y log para kriging.</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>Automático</translation>
    </message>
    <message>
      <source>Values as they are</source>
      <translation>Valores tal cual</translation>
    </message>
    <message>
      <source>Logarithm</source>
      <translation>Logaritmo</translation>
    </message>
    <message>
      <source>Centred log-ratios</source>
      <translation>Log-cocientes centrados</translation>
    </message>
    <message>
      <source>Values below detection limits</source>
      <translation>Valores bajo el límite de detección</translation>
    </message>
    <message>
      <source>What stands in for them: half the limit, limit / sqrt 2, multiplicative lognormal replacement, or regression on order statistics (ros).</source>
      <translation>Qué los sustituye: la mitad del límite, límite / raíz de 2, sustitución lognormal multiplicativa o regresión sobre estadísticos de orden (ros).</translation>
    </message>
    <message>
      <source>Half the limit</source>
      <translation>La mitad del límite</translation>
    </message>
    <message>
      <source>Limit / sqrt 2</source>
      <translation>Límite / raíz de 2</translation>
    </message>
    <message>
      <source>Multiplicative lognormal replacement</source>
      <translation>Sustitución lognormal multiplicativa</translation>
    </message>
    <message>
      <source>Regression on order statistics</source>
      <translation>Regresión sobre estadísticos de orden</translation>
    </message>
    <message>
      <source>Largest share below limits</source>
      <translation>Mayor parte bajo el límite</translation>
    </message>
    <message>
      <source>Elements with a larger share of values below limits are left out.</source>
      <translation>Se descartan los elementos con una proporción mayor de valores por debajo de los límites.</translation>
    </message>
    <message>
      <source>Missing codes</source>
      <translation>Códigos de ausencia</translation>
    </message>
    <message>
      <source>Comma list of further numbers that mean not analysed; -9999, -999, -99 and N/A are known.</source>
      <translation>Lista, separada por comas, de otros números que significan no analizado; -9999, -999, -99 y N/A ya se conocen.</translation>
    </message>
    <message>
      <source>Samples at one place</source>
      <translation>Muestras en un mismo lugar</translation>
    </message>
    <message>
      <source>average their values, take the first, or stop with an error.</source>
      <translation>promediar sus valores, tomar el primero o detenerse con un error.</translation>
    </message>
    <message>
      <source>Average them</source>
      <translation>Promediarlos</translation>
    </message>
    <message>
      <source>Take the first</source>
      <translation>Tomar el primero</translation>
    </message>
    <message>
      <source>Stop with an error</source>
      <translation>Detenerse con un error</translation>
    </message>
    <message>
      <source>Level groups of</source>
      <translation>Nivelar grupos de</translation>
    </message>
    <message>
      <source>Column (laboratory, report, method) whose groups are brought to one median.</source>
      <translation>Columna (laboratorio, informe, método) cuyos grupos se llevan a una misma mediana.</translation>
    </message>
    <message>
      <source>Oxides as elements</source>
      <translation>Óxidos como elementos</translation>
    </message>
    <message>
      <source>Turns oxides into their element: SiO2 times 0.4674 becomes Si.</source>
      <translation>Convierte los óxidos en su elemento: SiO2 por 0.4674 da Si.</translation>
    </message>
    <message>
      <source>Sample filter</source>
      <translation>Filtro de muestras</translation>
    </message>
    <message>
      <source>OGR SQL condition that chooses the samples, for example "lab = 'A'".</source>
      <translation>Condición SQL de OGR que elige las muestras, por ejemplo "lab = 'A'".</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>Capa</translation>
    </message>
    <message>
      <source>Layer of the file to read; by default the first.</source>
      <translation>Capa del archivo que se lee; por defecto, la primera.</translation>
    </message>
    <message>
      <source>X column</source>
      <translation>Columna X</translation>
    </message>
    <message>
      <source>Column of eastings or longitudes; by default found by name.</source>
      <translation>Columna de coordenadas este o longitudes; por defecto se encuentra por su nombre.</translation>
    </message>
    <message>
      <source>Y column</source>
      <translation>Columna Y</translation>
    </message>
    <message>
      <source>Column of northings or latitudes; by default found by name.</source>
      <translation>Columna de coordenadas norte o latitudes; por defecto se encuentra por su nombre.</translation>
    </message>
    <message>
      <source>CRS of the samples</source>
      <translation>SRC de las muestras</translation>
    </message>
    <message>
      <source>CRS of the coordinates where the file does not say it, or says it wrongly.</source>
      <translation>SRC de las coordenadas cuando el archivo no lo dice o lo dice mal.</translation>
    </message>
    <message>
      <source>Column mapping</source>
      <translation>Asignación de columnas</translation>
    </message>
    <message>
      <source>JSON file that says what columns are: {"columns": {"Au_ppm": {"element": "Au", "unit": "ppb"}, "X1": null}, "missing": [-5555]}.</source>
      <translation>Archivo JSON que dice qué son las columnas: {"columns": {"Au_ppm": {"element": "Au", "unit": "ppb"}, "X1": null}, "missing": [-5555]}.</translation>
    </message>
    <message>
      <source>Direction of continuity</source>
      <translation>Dirección de continuidad</translation>
    </message>
    <message>
      <source>Strike along which values continue furthest, clockwise from north.</source>
      <translation>Rumbo en el que los valores se prolongan más, en sentido horario desde el norte.</translation>
    </message>
    <message>
      <source>degrees</source>
      <translation>grados</translation>
    </message>
    <message>
      <source>Range across / along</source>
      <translation>Alcance transversal / longitudinal</translation>
    </message>
    <message>
      <source>Anisotropy: 0.5 makes a sample across the strike count as twice as far.</source>
      <translation>Anisotropía: con 0.5 una muestra a través del rumbo cuenta como si estuviera al doble de distancia.</translation>
    </message>
    <message>
      <source>Fewest neighbours</source>
      <translation>Mínimo de vecinos</translation>
    </message>
    <message>
      <source>Cells with fewer samples within the radius get no data.</source>
      <translation>Las celdas con menos muestras dentro del radio quedan sin datos.</translation>
    </message>
    <message>
      <source>Variogram model</source>
      <translation>Modelo de variograma</translation>
    </message>
    <message>
      <source>Model fitted by weighted least squares; auto takes the one that fits best.</source>
      <translation>Modelo ajustado por mínimos cuadrados ponderados; auto toma el que mejor se ajusta.</translation>
    </message>
    <message>
      <source>Best of all</source>
      <translation>El mejor de todos</translation>
    </message>
    <message>
      <source>Spherical</source>
      <translation>Esférico</translation>
    </message>
    <message>
      <source>Exponential</source>
      <translation>Exponencial</translation>
    </message>
    <message>
      <source>Gaussian</source>
      <translation>Gaussiano</translation>
    </message>
    <message>
      <source>Matern 3/2</source>
      <translation>Matern 3/2</translation>
    </message>
    <message>
      <source>Variogram cutoff</source>
      <translation>Corte del variograma</translation>
    </message>
    <message>
      <source>Longest pair used for the variogram; by default a third of the extent's diagonal.</source>
      <translation>Par más largo usado para el variograma; por defecto, un tercio de la diagonal de la extensión.</translation>
    </message>
    <message>
      <source>Given variogram</source>
      <translation>Variograma dado</translation>
    </message>
    <message>
      <source>Instead of fitting: model,nugget,sill,range on the scale used, for example exponential,0.1,0.9,1500.</source>
      <translation>En vez de ajustar: modelo,pepita,meseta,alcance en la escala usada, por ejemplo exponential,0.1,0.9,1500.</translation>
    </message>
    <message>
      <source>Variance bands</source>
      <translation>Bandas de varianza</translation>
    </message>
    <message>
      <source>Adds the kriging variance of every element as a band.</source>
      <translation>Añade la varianza de kriging de cada elemento como banda.</translation>
    </message>
    <message>
      <source>Distance band</source>
      <translation>Banda de distancia</translation>
    </message>
    <message>
      <source>Adds the distance to the nearest sample as a band: surveys are denser near known deposits, and this shows where.</source>
      <translation>Añade como banda la distancia a la muestra más cercana: los muestreos son más densos cerca de los yacimientos conocidos, y esto muestra dónde.</translation>
    </message>
    <message>
      <source>Leave-one-out errors</source>
      <translation>Errores dejando uno fuera</translation>
    </message>
    <message>
      <source>Reports leave-one-out errors for every method; kriging always does.</source>
      <translation>Informa de los errores al dejar una muestra fuera con todos los métodos; el kriging lo hace siempre.</translation>
    </message>
    <message>
      <source>One file an element</source>
      <translation>Un archivo por elemento</translation>
    </message>
    <message>
      <source>Writes OUT_Au.tif, OUT_As.tif ... instead of one stack.</source>
      <translation>Escribe OUT_Au.tif, OUT_As.tif ... en vez de una pila.</translation>
    </message>
    <message>
      <source>Only show what is understood</source>
      <translation>Solo mostrar lo entendido</translation>
    </message>
    <message>
      <source>Stops after the table of columns, units and warnings.</source>
      <translation>Se detiene tras la tabla de columnas, unidades y avisos.</translation>
    </message>
    <message>
      <source>Threads</source>
      <translation>Hilos</translation>
    </message>
    <message>
      <source>Threads to use; 0 means all processors. The result does not depend on it.</source>
      <translation>Hilos que se usan; 0 significa todos los procesadores. El resultado no depende de ello.</translation>
    </message>
    <message>
      <source>Stack rasters on one grid</source>
      <translation>Apilar rásteres en una malla</translation>
    </message>
    <message>
      <source>Brings rasters and vector layers on any grids to one aligned stack.</source>
      <translation>Lleva rásteres y capas vectoriales de cualquier malla a una pila alineada.</translation>
    </message>
    <message>
      <source>Element grids, geophysics and geology seldom share a grid. This tool brings every band to one: cells are copied where they agree, interpolated where they are shifted or finer, averaged where the output is coarser, and warped where the CRS differs. What was done to each band is told.</source>
      <translation>Las mallas de elementos, la geofísica y la geología rara vez comparten malla. Esta herramienta lleva cada banda a una sola: las celdas se copian donde coinciden, se interpolan donde están desplazadas o son más finas, se promedian donde la salida es más gruesa y se reproyectan donde el SRC difiere. Se dice qué se hizo con cada banda.</translation>
    </message>
    <message>
      <source>Missing values of every kind (declared no data, NaN, masks) become no data of one value, -9999. A constant that looks like undeclared no data is reported, and removed with --nodata.</source>
      <translation>Los valores que faltan de cualquier tipo (sin datos declarado, NaN, máscaras) pasan a un único valor sin datos, -9999. Una constante que parece un sin datos no declarado se señala y se elimina con --nodata.</translation>
    </message>
    <message>
      <source>Class maps named in --categories are never averaged as numbers. Vector layers become presence, distance or density.</source>
      <translation>Los mapas de clases nombrados en --categories nunca se promedian como números. Las capas vectoriales se convierten en presencia, distancia o densidad.</translation>
    </message>
    <message>
      <source>Rasters</source>
      <translation>Rásteres</translation>
    </message>
    <message>
      <source>Rasters of any grid, CRS and data type; every band becomes a band of the stack.</source>
      <translation>Rásteres de cualquier malla, SRC y tipo de datos; cada banda pasa a ser una banda de la pila.</translation>
    </message>
    <message>
      <source>Aligned stack</source>
      <translation>Pila alineada</translation>
    </message>
    <message>
      <source>GeoTIFF to write. A name in .vrt makes a file that refers to the inputs, where they already share the grid.</source>
      <translation>GeoTIFF que se escribe. Un nombre en .vrt hace un archivo que remite a las entradas, cuando ya comparten la malla.</translation>
    </message>
    <message>
      <source>Raster whose extent, cells and CRS the stack gets; by default the first raster.</source>
      <translation>Ráster cuya extensión, celdas y SRC toma la pila; por defecto, el primer ráster.</translation>
    </message>
    <message>
      <source>Extent of the stack in its CRS, instead of the reference grid's.</source>
      <translation>Extensión de la pila en su SRC, en vez de la de la malla de referencia.</translation>
    </message>
    <message>
      <source>Side of a cell, instead of the reference grid's.</source>
      <translation>Lado de una celda, en vez del de la malla de referencia.</translation>
    </message>
    <message>
      <source>CRS of the stack, instead of the reference grid's.</source>
      <translation>SRC de la pila, en vez del de la malla de referencia.</translation>
    </message>
    <message>
      <source>Resampling</source>
      <translation>Remuestreo</translation>
    </message>
    <message>
      <source>How continuous bands are brought to the grid. auto copies where cells agree, averages where the output is more than twice as coarse, and is bilinear otherwise.</source>
      <translation>Cómo se llevan las bandas continuas a la malla. auto copia donde las celdas coinciden, promedia donde la salida es más de dos veces más gruesa, y si no es bilineal.</translation>
    </message>
    <message>
      <source>Nearest cell</source>
      <translation>Celda más cercana</translation>
    </message>
    <message>
      <source>Bilinear</source>
      <translation>Bilineal</translation>
    </message>
    <message>
      <source>Cubic</source>
      <translation>Cúbico</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>Promedio</translation>
    </message>
    <message>
      <source>Most frequent value</source>
      <translation>Valor más frecuente</translation>
    </message>
    <message>
      <source>Category bands</source>
      <translation>Bandas de categorías</translation>
    </message>
    <message>
      <source>Comma list of bands that hold classes (rock units), which must not be averaged.</source>
      <translation>Lista, separada por comas, de bandas que contienen clases (unidades de roca), que no deben promediarse.</translation>
    </message>
    <message>
      <source>Categories as</source>
      <translation>Categorías como</translation>
    </message>
    <message>
      <source>onehot: a band for every class with its share of the cell; distance: a band for every class with the distance to it in metres; code: the class number itself.</source>
      <translation>onehot: una banda para cada clase con su parte de la celda; distance: una banda para cada clase con la distancia a ella en metros; code: el propio número de la clase.</translation>
    </message>
    <message>
      <source>Share of each class</source>
      <translation>Parte de cada clase</translation>
    </message>
    <message>
      <source>Distance to each class</source>
      <translation>Distancia a cada clase</translation>
    </message>
    <message>
      <source>Class number</source>
      <translation>Número de la clase</translation>
    </message>
    <message>
      <source>Further no-data values</source>
      <translation>Otros valores sin datos</translation>
    </message>
    <message>
      <source>A value that means no data though the file does not say so: -9999 for all bands, Granite=0 for one. May be repeated.</source>
      <translation>Un valor que significa sin datos aunque el archivo no lo diga: -9999 para todas las bandas, Granite=0 para una. Puede repetirse.</translation>
    </message>
    <message>
      <source>Vector layers</source>
      <translation>Capas vectoriales</translation>
    </message>
    <message>
      <source>Faults, contacts, outcrops to add as bands: a dataset or dataset|layername=NAME. May be repeated.</source>
      <translation>Fallas, contactos, afloramientos que se añaden como bandas: un conjunto de datos o conjunto|layername=NOMBRE. Puede repetirse.</translation>
    </message>
    <message>
      <source>Vector layers as</source>
      <translation>Capas vectoriales como</translation>
    </message>
    <message>
      <source>presence: 1 where a feature touches the cell; distance: metres to the nearest feature; density: km of line, points, or share of area per square kilometre.</source>
      <translation>presence: 1 donde un objeto toca la celda; distance: metros al objeto más cercano; density: km de línea, puntos o parte de superficie por kilómetro cuadrado.</translation>
    </message>
    <message>
      <source>Presence</source>
      <translation>Presencia</translation>
    </message>
    <message>
      <source>Distance</source>
      <translation>Distancia</translation>
    </message>
    <message>
      <source>Density</source>
      <translation>Densidad</translation>
    </message>
    <message>
      <source>Vector filter</source>
      <translation>Filtro vectorial</translation>
    </message>
    <message>
      <source>OGR SQL condition that chooses the features, for example "type = 'thrust'".</source>
      <translation>Condición SQL de OGR que elige los objetos, por ejemplo "type = 'thrust'".</translation>
    </message>
    <message>
      <source>Density radius</source>
      <translation>Radio de densidad</translation>
    </message>
    <message>
      <source>Radius of the circle in which density is counted; by default 5 cells.</source>
      <translation>Radio del círculo en el que se cuenta la densidad; por defecto, 5 celdas.</translation>
    </message>
    <message>
      <source>Transform a stack or a table</source>
      <translation>Transformar una pila o una tabla</translation>
    </message>
    <message>
      <source>Closure, log-ratios (clr, alr, ilr), robust z-scores and winsorising, and back.</source>
      <translation>Clausura, log-cocientes (clr, alr, ilr), puntuaciones z robustas y winsorización, y su inversa.</translation>
    </message>
    <message>
      <source>Amounts of elements are parts of a whole, so differences and distances between them mean something only as ratios. clr divides by the geometric mean of the parts present, alr by one part, ilr gives orthogonal balances.</source>
      <translation>Las cantidades de los elementos son partes de un todo, así que las diferencias y distancias entre ellas solo tienen sentido como cocientes. clr divide por la media geométrica de las partes presentes, alr por una parte, ilr da balances ortogonales.</translation>
    </message>
    <message>
      <source>A zero or negative value counts as below its detection limit and is replaced by half the smallest positive value of its part; a missing part stays missing and is left out of the mean.</source>
      <translation>Un valor cero o negativo cuenta como por debajo de su límite de detección y se sustituye por la mitad del menor valor positivo de su parte; una parte que falta sigue faltando y no entra en la media.</translation>
    </message>
    <message>
      <source>Every transform but closure and winsor can be undone with --inverse. Models carry their own transform; this tool is for looking at the data and for other programs.</source>
      <translation>Toda transformación salvo closure y winsor puede deshacerse con --inverse. Los modelos llevan su propia transformación; esta herramienta sirve para mirar los datos y para otros programas.</translation>
    </message>
    <message>
      <source>Stack or table</source>
      <translation>Pila o tabla</translation>
    </message>
    <message>
      <source>Raster stack, or table of samples (CSV, GeoPackage ...).</source>
      <translation>Pila ráster o tabla de muestras (CSV, GeoPackage ...).</translation>
    </message>
    <message>
      <source>Transformed stack or table</source>
      <translation>Pila o tabla transformada</translation>
    </message>
    <message>
      <source>A .tif for a stack; a .csv or .gpkg for a table, which keeps its columns and gets the new ones.</source>
      <translation>Un .tif para una pila; un .csv o .gpkg para una tabla, que conserva sus columnas y recibe las nuevas.</translation>
    </message>
    <message>
      <source>Transform</source>
      <translation>Transformación</translation>
    </message>
    <message>
      <source>closure: parts sum to --total; clr, alr, ilr: log-ratios; zscore: (x - median) / (1.4826 MAD); winsor: values beyond two percentiles are set to them.</source>
      <translation>closure: las partes suman --total; clr, alr, ilr: log-cocientes; zscore: (x - mediana) / (1.4826 MAD); winsor: los valores más allá de dos percentiles se llevan a ellos.</translation>
    </message>
    <message>
      <source>Closure</source>
      <translation>Clausura</translation>
    </message>
    <message>
      <source>Additive log-ratios</source>
      <translation>Log-cocientes aditivos</translation>
    </message>
    <message>
      <source>Isometric log-ratios</source>
      <translation>Log-cocientes isométricos</translation>
    </message>
    <message>
      <source>Robust z-scores</source>
      <translation>Puntuaciones z robustas</translation>
    </message>
    <message>
      <source>Winsorising</source>
      <translation>Winsorización</translation>
    </message>
    <message>
      <source>Bands or columns</source>
      <translation>Bandas o columnas</translation>
    </message>
    <message>
      <source>Comma list of what takes part; by default all elements for closure and log-ratios, and everything for zscore and winsor. Other bands are copied.</source>
      <translation>Lista, separada por comas, de lo que participa; por defecto, todos los elementos para la clausura y los log-cocientes, y todo para zscore y winsor. Las demás bandas se copian.</translation>
    </message>
    <message>
      <source>Inverse</source>
      <translation>Inversa</translation>
    </message>
    <message>
      <source>Undoes clr, alr, ilr (to parts that sum to --total) or zscore.</source>
      <translation>Deshace clr, alr, ilr (a partes que suman --total) o zscore.</translation>
    </message>
    <message>
      <source>Sum of the parts</source>
      <translation>Suma de las partes</translation>
    </message>
    <message>
      <source>1000000 for ppm, 100 for per cent.</source>
      <translation>1000000 para ppm, 100 para por ciento.</translation>
    </message>
    <message>
      <source>Reference part of alr</source>
      <translation>Parte de referencia de alr</translation>
    </message>
    <message>
      <source>Part that divides the others; by default the last.</source>
      <translation>Parte que divide a las demás; por defecto, la última.</translation>
    </message>
    <message>
      <source>Partition of ilr</source>
      <translation>Partición de ilr</translation>
    </message>
    <message>
      <source>Text file with a row of +1, -1 and 0 for every balance (sequential binary partition); by default pivot coordinates, the first part against the rest and so on.</source>
      <translation>Archivo de texto con una fila de +1, -1 y 0 por cada balance (partición binaria secuencial); por defecto, coordenadas pivote: la primera parte frente al resto, y así sucesivamente.</translation>
    </message>
    <message>
      <source>Parts of an inverse</source>
      <translation>Partes de una inversa</translation>
    </message>
    <message>
      <source>Comma list of the parts' names, in order, where the input does not say them.</source>
      <translation>Lista, separada por comas, de los nombres de las partes, en orden, cuando la entrada no los dice.</translation>
    </message>
    <message>
      <source>Lower percentile</source>
      <translation>Percentil inferior</translation>
    </message>
    <message>
      <source>For winsor.</source>
      <translation>Para winsor.</translation>
    </message>
    <message>
      <source>%</source>
      <translation>%</translation>
    </message>
    <message>
      <source>Upper percentile</source>
      <translation>Percentil superior</translation>
    </message>
    <message>
      <source>2 Learn</source>
      <translation>2 Aprender</translation>
    </message>
    <message>
      <source>Pretrain an encoder</source>
      <translation>Preentrenar un codificador</translation>
    </message>
    <message>
      <source>Learn an encoder of places from the stack alone, without any deposit.</source>
      <translation>Aprende un codificador de lugares solo con la pila, sin ningún yacimiento.</translation>
    </message>
    <message>
      <source>Looks at many places twice, each time changed in ways that do not change the geology (some elements missing, offsets, noise, turned, a little aside), and learns to give both views of a place similar numbers and other places different ones. The result is an encoder: a short list of numbers, the embedding, for the square window around every cell. 'lode fit' then needs only a few known deposits.</source>
      <translation>Mira muchos lugares dos veces, cada vez cambiados de maneras que no cambian la geología (faltan algunos elementos, desplazamientos, ruido, girados, un poco a un lado), y aprende a dar a las dos vistas de un lugar números parecidos y a otros lugares números distintos. El resultado es un codificador: una corta lista de números, la incrustación, para la ventana cuadrada alrededor de cada celda. 'lode fit' necesita después solo unos pocos yacimientos conocidos.</translation>
    </message>
    <message>
      <source>The model file holds the preprocessing, the encoder and how it was made. The same seed, data and options give the same file with any number of threads.</source>
      <translation>El archivo del modelo contiene el preprocesado, el codificador y cómo se hizo. La misma semilla, los mismos datos y opciones dan el mismo archivo con cualquier número de hilos.</translation>
    </message>
    <message>
      <source>With --checkpoint, a training that was interrupted continues where it was.</source>
      <translation>Con --checkpoint, un entrenamiento interrumpido continúa donde estaba.</translation>
    </message>
    <message>
      <source>Under mpirun the processes share every step and the model is the same, bit for bit with the dense encoder.</source>
      <translation>Con mpirun los procesos se reparten cada paso y el modelo es el mismo, bit a bit con el codificador denso.</translation>
    </message>
    <message>
      <source>Raster stack</source>
      <translation>Pila de rásteres</translation>
    </message>
    <message>
      <source>Aligned multi-band raster, one band an element or layer; several files on one grid may be given. Made by 'lode grid' or 'lode stack'.</source>
      <translation>Ráster multibanda alineado, una banda por elemento o capa; pueden darse varios archivos sobre una misma malla. Lo hacen 'lode grid' o 'lode stack'.</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modelo</translation>
    </message>
    <message>
      <source>Model file to write.</source>
      <translation>Archivo de modelo que se escribe.</translation>
    </message>
    <message>
      <source>Bands</source>
      <translation>Bandas</translation>
    </message>
    <message>
      <source>Comma list of the stack's bands to use. Default: all.</source>
      <translation>Lista, separada por comas, de las bandas de la pila que se usan. Por defecto: todas.</translation>
    </message>
    <message>
      <source>Transform of element bands</source>
      <translation>Transformación de las bandas de elementos</translation>
    </message>
    <message>
      <source>Centred or isometric log-ratio, logarithm, or none. Other bands are only scaled.</source>
      <translation>Log-cociente centrado o isométrico, logaritmo o ninguna. Las demás bandas solo se escalan.</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Ninguna</translation>
    </message>
    <message>
      <source>Encoder</source>
      <translation>Codificador</translation>
    </message>
    <message>
      <source>The dense encoder makes a map in one pass; the others look at each window alone.</source>
      <translation>El codificador denso hace un mapa de una pasada; los otros miran cada ventana por separado.</translation>
    </message>
    <message>
      <source>Dense</source>
      <translation>Denso</translation>
    </message>
    <message>
      <source>ResNet-50</source>
      <translation>ResNet-50</translation>
    </message>
    <message>
      <source>MobileNetV2</source>
      <translation>MobileNetV2</translation>
    </message>
    <message>
      <source>Window</source>
      <translation>Ventana</translation>
    </message>
    <message>
      <source>Side of the square around a place that decides its embedding, an odd number. Default: 33.</source>
      <translation>Lado del cuadrado alrededor de un lugar que decide su incrustación, un número impar. Por defecto: 33.</translation>
    </message>
    <message>
      <source>cells</source>
      <translation>celdas</translation>
    </message>
    <message>
      <source>Objective</source>
      <translation>Función objetivo</translation>
    </message>
    <message>
      <source>SimCLR compares the places of a step with each other, MoCo v2 with a queue of earlier ones, BYOL predicts one view from the other.</source>
      <translation>SimCLR compara los lugares de un paso entre sí, MoCo v2 con una cola de anteriores, BYOL predice una vista a partir de la otra.</translation>
    </message>
    <message>
      <source>SimCLR</source>
      <translation>SimCLR</translation>
    </message>
    <message>
      <source>MoCo v2</source>
      <translation>MoCo v2</translation>
    </message>
    <message>
      <source>BYOL</source>
      <translation>BYOL</translation>
    </message>
    <message>
      <source>Training steps</source>
      <translation>Pasos de entrenamiento</translation>
    </message>
    <message>
      <source>Steps of the optimiser.</source>
      <translation>Pasos del optimizador.</translation>
    </message>
    <message>
      <source>steps</source>
      <translation>pasos</translation>
    </message>
    <message>
      <source>Temperature</source>
      <translation>Temperatura</translation>
    </message>
    <message>
      <source>Softness of the comparison. Default: 0.5 for SimCLR, 0.2 for MoCo.</source>
      <translation>Suavidad de la comparación. Por defecto: 0.5 para SimCLR, 0.2 para MoCo.</translation>
    </message>
    <message>
      <source>Width</source>
      <translation>Anchura</translation>
    </message>
    <message>
      <source>Channels inside the dense encoder, a multiple of 16. Default: 32.</source>
      <translation>Canales dentro del codificador denso, un múltiplo de 16. Por defecto: 32.</translation>
    </message>
    <message>
      <source>Depth</source>
      <translation>Profundidad</translation>
    </message>
    <message>
      <source>3 x 3 convolutions of the dense encoder. Default: the fewest that cover the window.</source>
      <translation>Convoluciones de 3 x 3 del codificador denso. Por defecto: las menos que cubren la ventana.</translation>
    </message>
    <message>
      <source>Scales</source>
      <translation>Escalas</translation>
    </message>
    <message>
      <source>Layers of the dense encoder that the embedding reads, from the last back: 1 = the whole surroundings only. Default: all, down to the place itself.</source>
      <translation>Capas del codificador denso que lee la incrustación, desde la última hacia atrás: 1 = solo todo el entorno. Por defecto: todas, hasta el propio lugar.</translation>
    </message>
    <message>
      <source>Context</source>
      <translation>Contexto</translation>
    </message>
    <message>
      <source>The dense encoder also sees block means of the surroundings: 1 at 2 times the cell size, 2 at 2 and 4 times, 3 at 2, 4 and 8 times. Default: 0.</source>
      <translation>El codificador denso ve además medias por bloques del entorno: 1 a 2 veces el tamaño de celda, 2 a 2 y 4 veces, 3 a 2, 4 y 8 veces. Por defecto: 0.</translation>
    </message>
    <message>
      <source>Embedding length</source>
      <translation>Longitud de la incrustación</translation>
    </message>
    <message>
      <source>Numbers in the embedding of a place, a multiple of 16. Default: 64.</source>
      <translation>Números en la incrustación de un lugar, un múltiplo de 16. Por defecto: 64.</translation>
    </message>
    <message>
      <source>Tiles in a step</source>
      <translation>Teselas por paso</translation>
    </message>
    <message>
      <source>Tiles of the stack that the dense encoder sees in a step.</source>
      <translation>Teselas de la pila que el codificador denso ve en un paso.</translation>
    </message>
    <message>
      <source>Anchors</source>
      <translation>Anclas</translation>
    </message>
    <message>
      <source>Places drawn from each tile of the dense encoder, or windows in a step of the others.</source>
      <translation>Lugares sacados de cada tesela del codificador denso, o ventanas en un paso de los otros.</translation>
    </message>
    <message>
      <source>Learning rate</source>
      <translation>Tasa de aprendizaje</translation>
    </message>
    <message>
      <source>Peak step size of AdamW, reached after a tenth of the steps and lowered by a cosine. Default: 0.003 for the dense encoder, 0.001 for the others.</source>
      <translation>Tamaño máximo de paso de AdamW, alcanzado tras un décimo de los pasos y reducido con un coseno. Por defecto: 0.003 para el codificador denso, 0.001 para los demás.</translation>
    </message>
    <message>
      <source>Encoders of different seeds</source>
      <translation>Codificadores de distintas semillas</translation>
    </message>
    <message>
      <source>Trains this many dense encoders, from seed, seed + 1 ...; the head reads all of them, and the uncertainty includes what depends on the seed. Takes as many times longer.</source>
      <translation>Entrena este número de codificadores densos, con la semilla, la semilla + 1 ...; la cabeza los lee todos, y la incertidumbre incluye lo que depende de la semilla. Tarda otras tantas veces más.</translation>
    </message>
    <message>
      <source>Views: channel dropout</source>
      <translation>Vistas: omisión de canales</translation>
    </message>
    <message>
      <source>Probability that a view lacks a channel.</source>
      <translation>Probabilidad de que a una vista le falte un canal.</translation>
    </message>
    <message>
      <source>Views: perturbation</source>
      <translation>Vistas: perturbación</translation>
    </message>
    <message>
      <source>Standard deviation of the offset that a view gives each scaled channel.</source>
      <translation>Desviación típica del desplazamiento que una vista da a cada canal escalado.</translation>
    </message>
    <message>
      <source>Views: noise</source>
      <translation>Vistas: ruido</translation>
    </message>
    <message>
      <source>Standard deviation of the noise of each scaled value.</source>
      <translation>Desviación típica del ruido de cada valor escalado.</translation>
    </message>
    <message>
      <source>Views: jitter</source>
      <translation>Vistas: desplazamiento</translation>
    </message>
    <message>
      <source>The second view is centred up to this many cells away.</source>
      <translation>La segunda vista se centra hasta a este número de celdas.</translation>
    </message>
    <message>
      <source>Views: rotate and mirror</source>
      <translation>Vistas: girar y reflejar</translation>
    </message>
    <message>
      <source>NO where direction matters, for example along one structural trend.</source>
      <translation>NO cuando la dirección importa, por ejemplo a lo largo de un único rumbo estructural.</translation>
    </message>
    <message>
      <source>Weight averaging</source>
      <translation>Promedio de los pesos</translation>
    </message>
    <message>
      <source>Use an exponential moving average of the weights, keeping this share of it in every step, for example 0.95. 0 uses the last weights.</source>
      <translation>Usar una media móvil exponencial de los pesos, conservando esta parte de ella en cada paso, por ejemplo 0.95. 0 usa los últimos pesos.</translation>
    </message>
    <message>
      <source>Checkpoint</source>
      <translation>Punto de control</translation>
    </message>
    <message>
      <source>File that the state of the training is written to now and then. When it exists, the training continues from it to the same model.</source>
      <translation>Archivo en el que se escribe de vez en cuando el estado del entrenamiento. Si existe, el entrenamiento continúa desde él hasta el mismo modelo.</translation>
    </message>
    <message>
      <source>Random seed</source>
      <translation>Semilla aleatoria</translation>
    </message>
    <message>
      <source>Same seed and inputs give the same result.</source>
      <translation>La misma semilla y las mismas entradas dan el mismo resultado.</translation>
    </message>
    <message>
      <source>Fit a head on known deposits</source>
      <translation>Ajustar una cabeza con yacimientos conocidos</translation>
    </message>
    <message>
      <source>Fit a small head on known deposits to a pretrained encoder.</source>
      <translation>Ajusta una pequeña cabeza con yacimientos conocidos a un codificador preentrenado.</translation>
    </message>
    <message>
      <source>Reads the known deposits, draws background places outside a buffer around them, and fits a bagged ridge logistic regression. What the head sees (the bands at the place, the bands averaged around it, the embedding, or several of them) and its strength are chosen by validation in spatial blocks inside the training data, unless --inputs and --strength say otherwise.</source>
      <translation>Lee los yacimientos conocidos, saca lugares de fondo fuera de una zona alrededor de ellos y ajusta una regresión logística con cresta por remuestreo. Lo que ve la cabeza (las bandas en el lugar, las bandas promediadas a su alrededor, la incrustación, o varias de ellas) y su intensidad se eligen por validación en bloques espaciales dentro de los datos de entrenamiento, salvo que --inputs y --strength digan otra cosa.</translation>
    </message>
    <message>
      <source>The score is calibrated on held-out blocks for equal shares of deposits and background: 0.5 means as much like a deposit as like background.</source>
      <translation>La puntuación se calibra en bloques apartados para partes iguales de yacimientos y fondo: 0.5 significa tan parecido a un yacimiento como al fondo.</translation>
    </message>
    <message>
      <source>Pretrained model</source>
      <translation>Modelo preentrenado</translation>
    </message>
    <message>
      <source>Model file made by 'lode pretrain'.</source>
      <translation>Archivo de modelo hecho por 'lode pretrain'.</translation>
    </message>
    <message>
      <source>Known deposits</source>
      <translation>Yacimientos conocidos</translation>
    </message>
    <message>
      <source>Point layer of known deposits or occurrences, in any CRS.</source>
      <translation>Capa de puntos de yacimientos o indicios conocidos, en cualquier SRC.</translation>
    </message>
    <message>
      <source>Model with head</source>
      <translation>Modelo con cabeza</translation>
    </message>
    <message>
      <source>Deposit filter</source>
      <translation>Filtro de yacimientos</translation>
    </message>
    <message>
      <source>OGR SQL condition that chooses the deposits to use, for example "commodity = 'Gold'".</source>
      <translation>Condición SQL de OGR que elige los yacimientos que se usan, por ejemplo "commodity = 'Gold'".</translation>
    </message>
    <message>
      <source>Exclusion around deposits</source>
      <translation>Exclusión alrededor de los yacimientos</translation>
    </message>
    <message>
      <source>Background is drawn outside this distance from every deposit. Default: two cells.</source>
      <translation>El fondo se saca fuera de esta distancia de todo yacimiento. Por defecto: dos celdas.</translation>
    </message>
    <message>
      <source>Background places</source>
      <translation>Lugares de fondo</translation>
    </message>
    <message>
      <source>Number of background places drawn at random.</source>
      <translation>Número de lugares de fondo sacados al azar.</translation>
    </message>
    <message>
      <source>Side of validation blocks</source>
      <translation>Lado de los bloques de validación</translation>
    </message>
    <message>
      <source>Side of the spatial blocks that validation keeps together. Default: from the spacing of the deposits, never smaller than the window.</source>
      <translation>Lado de los bloques espaciales que la validación mantiene juntos. Por defecto: según la separación de los yacimientos, nunca menor que la ventana.</translation>
    </message>
    <message>
      <source>Inputs of the head</source>
      <translation>Entradas de la cabeza</translation>
    </message>
    <message>
      <source>What the head sees of a place. Without it, inner validation chooses.</source>
      <translation>Lo que la cabeza ve de un lugar. Sin ello, elige la validación interna.</translation>
    </message>
    <message>
      <source>Smoothed bands</source>
      <translation>Bandas suavizadas</translation>
    </message>
    <message>
      <source>Embedding</source>
      <translation>Incrustación</translation>
    </message>
    <message>
      <source>Ridge strength</source>
      <translation>Fuerza de la regularización ridge</translation>
    </message>
    <message>
      <source>Penalty on squared weights of standardised inputs. Without it, inner validation chooses.</source>
      <translation>Penalización de los pesos al cuadrado de las entradas estandarizadas. Sin ella, elige la validación interna.</translation>
    </message>
    <message>
      <source>Smoothing radius</source>
      <translation>Radio de suavizado</translation>
    </message>
    <message>
      <source>Half side of the square over which bands are averaged for the input 'smooth'.</source>
      <translation>Medio lado del cuadrado en el que se promedian las bandas para la entrada 'smooth'.</translation>
    </message>
    <message>
      <source>Members of the head</source>
      <translation>Miembros de la cabeza</translation>
    </message>
    <message>
      <source>Heads fitted to bootstrap draws; their spread is the uncertainty.</source>
      <translation>Cabezas ajustadas a muestras bootstrap; su dispersión es la incertidumbre.</translation>
    </message>
    <message>
      <source>Train a network on known deposits</source>
      <translation>Entrenar una red con yacimientos conocidos</translation>
    </message>
    <message>
      <source>Train ResNet-50, MobileNetV2 or the dense encoder end to end on known deposits.</source>
      <translation>Entrena ResNet-50, MobileNetV2 o el codificador denso de extremo a extremo con yacimientos conocidos.</translation>
    </message>
    <message>
      <source>Supervised training, the usual way to use these networks: windows around known deposits against windows around background places, in batches that hold as many of each, augmented like the views of 'lode pretrain'. A fifth of the spatial blocks is held out; the weights of the best look at them are kept, and the score is calibrated on them. With --checkpoint, a training that was interrupted continues where it was.</source>
      <translation>Entrenamiento supervisado, la manera habitual de usar estas redes: ventanas alrededor de yacimientos conocidos frente a ventanas alrededor de lugares de fondo, en lotes con otras tantas de cada clase, aumentadas como las vistas de 'lode pretrain'. Se aparta un quinto de los bloques espaciales; se conservan los pesos con los que mejor fueron, y la puntuación se calibra en ellos. Con --checkpoint, un entrenamiento interrumpido continúa donde estaba.</translation>
    </message>
    <message>
      <source>With few deposits such networks learn them by heart. 'lode pretrain' followed by 'lode fit' is made for that case; 'lode validate --methods contrastive,mobilenetv2' compares both on the same folds.</source>
      <translation>Con pocos yacimientos, estas redes se los aprenden de memoria. 'lode pretrain' seguido de 'lode fit' está hecho para ese caso; 'lode validate --methods contrastive,mobilenetv2' compara ambos con las mismas particiones.</translation>
    </message>
    <message>
      <source>Network</source>
      <translation>Red</translation>
    </message>
    <message>
      <source>Network to train: the dense encoder, ResNet-50 or MobileNetV2.</source>
      <translation>Red que se entrena: el codificador denso, ResNet-50 o MobileNetV2.</translation>
    </message>
    <message>
      <source>Stem</source>
      <translation>Capa inicial</translation>
    </message>
    <message>
      <source>First layers of ResNet-50 and MobileNetV2: as published for images of 224 x 224, or without the first two downsampling steps, which is slower and sees more of a small window.</source>
      <translation>Primeras capas de ResNet-50 y MobileNetV2: como se publicaron para imágenes de 224 x 224, o sin las dos primeras reducciones, lo que es más lento y ve más de una ventana pequeña.</translation>
    </message>
    <message>
      <source>As published</source>
      <translation>Como se publicó</translation>
    </message>
    <message>
      <source>Less downsampling</source>
      <translation>Menos reducción</translation>
    </message>
    <message>
      <source>Most steps of the optimiser; training stops earlier when held-out places no longer gain.</source>
      <translation>Pasos del optimizador como máximo; el entrenamiento para antes cuando los lugares apartados ya no mejoran.</translation>
    </message>
    <message>
      <source>Windows in a step</source>
      <translation>Ventanas por paso</translation>
    </message>
    <message>
      <source>Half of them are deposits, half background. Even.</source>
      <translation>La mitad son yacimientos, la otra mitad fondo. Número par.</translation>
    </message>
    <message>
      <source>windows</source>
      <translation>ventanas</translation>
    </message>
    <message>
      <source>Patience</source>
      <translation>Paciencia</translation>
    </message>
    <message>
      <source>Stop after this many looks at the held-out places (one every 10 steps) without a better loss. 0 never stops early.</source>
      <translation>Parar tras este número de miradas a los lugares apartados (una cada 10 pasos) sin una pérdida mejor. 0 no para nunca antes.</translation>
    </message>
    <message>
      <source>Peak step size of AdamW, reached after a tenth of the steps and lowered by a cosine.</source>
      <translation>Tamaño máximo de paso de AdamW, alcanzado tras un décimo de los pasos y reducido con un coseno.</translation>
    </message>
    <message>
      <source>Weight decay</source>
      <translation>Decaimiento de pesos</translation>
    </message>
    <message>
      <source>Decoupled weight decay of AdamW.</source>
      <translation>Decaimiento de pesos desacoplado de AdamW.</translation>
    </message>
    <message>
      <source>3 Map</source>
      <translation>3 Mapa</translation>
    </message>
    <message>
      <source>Predict prospectivity</source>
      <translation>Predecir la prospectividad</translation>
    </message>
    <message>
      <source>Apply a model to a stack and write the result as a raster.</source>
      <translation>Aplica un modelo a una pila y escribe el resultado como ráster.</translation>
    </message>
    <message>
      <source>Writes score, uncertainty, percentile, anomaly, support or embedding bands of a model over a stack. Bands of the stack are matched by name; a stack that lacks one is refused. Cells without data stay nodata (-9999).</source>
      <translation>Escribe las bandas score, uncertainty, percentile, anomaly, support o embedding de un modelo sobre una pila. Las bandas de la pila se buscan por su nombre; se rechaza una pila a la que le falte alguna. Las celdas sin datos siguen sin datos (-9999).</translation>
    </message>
    <message>
      <source>Under mpirun the processes share the map and the result is the same.</source>
      <translation>Con mpirun los procesos se reparten el mapa y el resultado es el mismo.</translation>
    </message>
    <message>
      <source>Model file made by 'lode fit', 'lode train' or 'lode pretrain'.</source>
      <translation>Archivo de modelo hecho por 'lode fit', 'lode train' o 'lode pretrain'.</translation>
    </message>
    <message>
      <source>Prospectivity map</source>
      <translation>Mapa de prospectividad</translation>
    </message>
    <message>
      <source>GeoTIFF to write; or, with the ending .vrt, a VRT over GeoTIFFs in the folder OUT_parts, of which a repeated call computes only those that are missing.</source>
      <translation>GeoTIFF que se escribe; o, con la terminación .vrt, un VRT sobre varios GeoTIFF en la carpeta OUT_parts, de los que una llamada repetida calcula solo los que faltan.</translation>
    </message>
    <message>
      <source>Bands to write. Without it: score, uncertainty and percentile for a model with a head, the embedding for one without. uncertainty is the standard deviation of the score over the members of the head (models of 'lode train' have one member and no such band); percentile the share of the training area with a lower score; anomaly a label-free distance from the bulk of the survey; support tells how unlike the training area a place is (above 1: extrapolation).</source>
      <translation>Bandas que se escriben. Sin ello: puntuación, incertidumbre y percentil para un modelo con cabeza, la incrustación para uno sin ella. La incertidumbre es la desviación típica de la puntuación entre los miembros de la cabeza (los modelos de 'lode train' tienen un solo miembro y no tienen esa banda); el percentil, la parte del área de entrenamiento con una puntuación menor; la anomalía, una distancia sin etiquetas al grueso del muestreo; el apoyo dice cuán distinto del área de entrenamiento es un lugar (más de 1: extrapolación).</translation>
    </message>
    <message>
      <source>Score</source>
      <translation>Puntuación</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>Incertidumbre</translation>
    </message>
    <message>
      <source>Percentile</source>
      <translation>Percentil</translation>
    </message>
    <message>
      <source>Anomaly</source>
      <translation>Anomalía</translation>
    </message>
    <message>
      <source>Support</source>
      <translation>Apoyo</translation>
    </message>
    <message>
      <source>Smallest share of valid cells</source>
      <translation>Menor parte de celdas válidas</translation>
    </message>
    <message>
      <source>Smallest share of the cells of a window that must have data for a result.</source>
      <translation>Menor proporción de las celdas de una ventana que debe tener datos para que haya resultado.</translation>
    </message>
    <message>
      <source>Compression</source>
      <translation>Compresión</translation>
    </message>
    <message>
      <source>Compression of the GeoTIFF. Zstandard is quick and small; programs of before 2018 read Deflate only; None is the quickest for embeddings, which hardly compress. Default: Zstandard, or Deflate for a Cloud Optimized GeoTIFF.</source>
      <translation>Compresión del GeoTIFF. Zstandard es rápida y ocupa poco; los programas anteriores a 2018 solo leen Deflate; Ninguna es la más rápida para la incrustación, que apenas se comprime. Por defecto: Zstandard, o Deflate para un GeoTIFF optimizado para la nube.</translation>
    </message>
    <message>
      <source>Zstandard</source>
      <translation>Zstandard</translation>
    </message>
    <message>
      <source>Deflate</source>
      <translation>Deflate</translation>
    </message>
    <message>
      <source>Cloud Optimized GeoTIFF</source>
      <translation>GeoTIFF optimizado para la nube</translation>
    </message>
    <message>
      <source>Writes OUT.tif as one Cloud Optimized GeoTIFF with overviews, from parts that are then deleted.</source>
      <translation>Escribe OUT.tif como un único GeoTIFF optimizado para la nube con vistas generales, a partir de partes que después se borran.</translation>
    </message>
    <message>
      <source>Share of the parts</source>
      <translation>Cuota de las partes</translation>
    </message>
    <message>
      <source>K/N computes only the K-th of N shares of the parts in OUT_parts, for array jobs; the same call without it completes the map.</source>
      <translation>K/N calcula solo la cuota K de N de las partes en OUT_parts, para trabajos en serie; la misma llamada sin ello completa el mapa.</translation>
    </message>
    <message>
      <source>View for GDAL programs</source>
      <translation>Vista para programas GDAL</translation>
    </message>
    <message>
      <source>Describe a map in a small file that GDAL programs and QGIS read as a raster.</source>
      <translation>Describe un mapa en un pequeño archivo que los programas GDAL y QGIS leen como ráster.</translation>
    </message>
    <message>
      <source>Writes a view: name.lodeview shows a model over a stack, computed where it is read; name.vrt shows the model's score as a function of its embedding bands.</source>
      <translation>Escribe una vista: nombre.lodeview muestra un modelo sobre una pila, calculado donde se lee; nombre.vrt muestra la puntuación del modelo como función de las bandas de su incrustación.</translation>
    </message>
    <message>
      <source>With --transform the stack alone is shown transformed, with --overlay combined by fuzzy logic or weights of evidence. Nothing is computed now. Files are named relative to the view, so a folder with all of them can be moved.</source>
      <translation>Con --transform se muestra solo la pila, transformada; con --overlay, combinada por lógica difusa o pesos de evidencia. No se calcula nada ahora. Los archivos se nombran respecto a la vista, así que puede moverse una carpeta que los contenga todos.</translation>
    </message>
    <message>
      <source>Reading a view needs the GDAL plugin gdal_LODE, in GDAL's plugin folder or in the folder named by GDAL_DRIVER_PATH.</source>
      <translation>Leer una vista requiere el complemento de GDAL gdal_LODE, en la carpeta de complementos de GDAL o en la que nombra GDAL_DRIVER_PATH.</translation>
    </message>
    <message>
      <source>Model file; leave it out with --transform and --overlay.</source>
      <translation>Archivo de modelo; se omite con --transform y --overlay.</translation>
    </message>
    <message>
      <source>View</source>
      <translation>Vista</translation>
    </message>
    <message>
      <source>name.lodeview for the model's bands, or name.vrt for bands computed by pixel functions.</source>
      <translation>nombre.lodeview para las bandas del modelo, o nombre.vrt para bandas calculadas por funciones de píxel.</translation>
    </message>
    <message>
      <source>Bands of the .lodeview. Without it: score, uncertainty and percentile for a model with a head, the embedding for one without.</source>
      <translation>Bandas del .lodeview. Sin ello: puntuación, incertidumbre y percentil para un modelo con cabeza, la incrustación para uno sin ella.</translation>
    </message>
    <message>
      <source>Write a transform of the stack: centred or isometric log-ratios of its elements, or robust z-scores of all bands.</source>
      <translation>Escribir una transformación de la pila: log-cocientes centrados o isométricos de sus elementos, o puntuaciones z robustas de todas las bandas.</translation>
    </message>
    <message>
      <source>Overlay description</source>
      <translation>Descripción de la superposición</translation>
    </message>
    <message>
      <source>JSON file that describes a fuzzy-logic or weights-of-evidence map of the stack.</source>
      <translation>Archivo JSON que describe un mapa de lógica difusa o de pesos de evidencia de la pila.</translation>
    </message>
    <message>
      <source>4 Judge</source>
      <translation>4 Juzgar</translation>
    </message>
    <message>
      <source>Evaluate a raster</source>
      <translation>Evaluar un ráster</translation>
    </message>
    <message>
      <source>Count how many deposits a finished raster finds.</source>
      <translation>Cuenta cuántos yacimientos halla un ráster terminado.</translation>
    </message>
    <message>
      <source>For every band, measures how well high values point at the deposits: the area under the success-rate curve (AUC) and the share of deposits in the best 5, 10 and 20 % of the area, against every cell with data.</source>
      <translation>Mide, para cada banda, cuán bien señalan los valores altos a los yacimientos: el área bajo la curva de aciertos (AUC) y la parte de los yacimientos en el mejor 5, 10 y 20 % del área, frente a todas las celdas con datos.</translation>
    </message>
    <message>
      <source>The deposits must have had no part in making the raster: discoveries made after it, or sites kept back. For deposits that were used to fit a model the numbers are far too good; 'lode validate' tests a method on the deposits at hand without that mistake.</source>
      <translation>Los yacimientos no deben haber intervenido en hacer el ráster: descubrimientos posteriores, o lugares que se guardaron aparte. Con yacimientos usados para ajustar un modelo, los números son demasiado buenos; 'lode validate' prueba un método con los yacimientos disponibles sin ese error.</translation>
    </message>
    <message>
      <source>Deposits off the raster or on cells without data are left out and counted.</source>
      <translation>Los yacimientos fuera del ráster o en celdas sin datos se descartan y se cuentan.</translation>
    </message>
    <message>
      <source>Comma list of bands to evaluate; without it, all.</source>
      <translation>Lista, separada por comas, de las bandas que se evalúan; sin ella, todas.</translation>
    </message>
    <message>
      <source>Share of the area</source>
      <translation>Parte del área</translation>
    </message>
    <message>
      <source>Deposits in this best-scoring share of the area are counted.</source>
      <translation>Se cuentan los yacimientos en esta parte del área con mejor puntuación.</translation>
    </message>
    <message>
      <source>Validate by spatial blocks</source>
      <translation>Validar por bloques espaciales</translation>
    </message>
    <message>
      <source>Cross-validate methods on known deposits in spatial blocks and write a report.</source>
      <translation>Valida métodos de forma cruzada con yacimientos conocidos en bloques espaciales y escribe un informe.</translation>
    </message>
    <message>
      <source>Divides the area into blocks, leaves blocks out in turn, learns from the deposits in the others and asks how well those left out are found. All methods are judged on the same folds, with intervals from drawing deposits and repeats anew.</source>
      <translation>Divide el área en bloques, aparta bloques por turno, aprende de los yacimientos de los demás y pregunta cuán bien se encuentran los apartados. Todos los métodos se juzgan con las mismas particiones, con intervalos que salen de volver a sortear yacimientos y repeticiones.</translation>
    </message>
    <message>
      <source>The report says in words when a result cannot be told from chance, when the density of sampling alone does as well, and when few or clustered deposits make it fragile.</source>
      <translation>El informe dice con palabras cuándo un resultado no se distingue del azar, cuándo la sola densidad del muestreo da lo mismo, y cuándo unos yacimientos escasos o agrupados lo hacen frágil.</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>Informe</translation>
    </message>
    <message>
      <source>HTML file to write; one file, readable without a network.</source>
      <translation>Archivo HTML que se escribe; un solo archivo, legible sin red.</translation>
    </message>
    <message>
      <source>Methods</source>
      <translation>Métodos</translation>
    </message>
    <message>
      <source>Methods to compare on the same folds; differences are taken to the first one.</source>
      <translation>Métodos que se comparan con las mismas particiones; las diferencias se toman respecto al primero.</translation>
    </message>
    <message>
      <source>Contrastive</source>
      <translation>Contrastivo</translation>
    </message>
    <message>
      <source>Supervised ResNet-50</source>
      <translation>ResNet-50 supervisada</translation>
    </message>
    <message>
      <source>Supervised MobileNetV2</source>
      <translation>MobileNetV2 supervisada</translation>
    </message>
    <message>
      <source>Supervised dense</source>
      <translation>Red densa supervisada</translation>
    </message>
    <message>
      <source>Ridge logistic</source>
      <translation>Logística con cresta</translation>
    </message>
    <message>
      <source>Best single element</source>
      <translation>Mejor elemento único</translation>
    </message>
    <message>
      <source>Sampling density alone</source>
      <translation>Solo la densidad del muestreo</translation>
    </message>
    <message>
      <source>Model file whose recipe and encoder are used. Without it an encoder is pretrained on the stack, without labels.</source>
      <translation>Archivo de modelo cuya receta y codificador se usan. Sin él se preentrena un codificador con la pila, sin etiquetas.</translation>
    </message>
    <message>
      <source>Sample points</source>
      <translation>Puntos de muestreo</translation>
    </message>
    <message>
      <source>Points where the survey took samples. Background is then drawn no farther from a sample than the deposits lie, and the density of sampling alone is compared as a control.</source>
      <translation>Puntos donde se tomaron muestras. El fondo se saca entonces no más lejos de una muestra que los yacimientos, y la sola densidad del muestreo se compara como control.</translation>
    </message>
    <message>
      <source>Band of sample distances</source>
      <translation>Banda de distancias a las muestras</translation>
    </message>
    <message>
      <source>Instead of sample points: band of the stack with the distance to the nearest sample in metres. It is used like --samples, and no method learns from it. Default: 'sample distance', which 'lode grid --distance' adds, where the stack has it.</source>
      <translation>En vez de puntos de muestreo: banda de la pila con la distancia a la muestra más cercana en metros. Se usa como --samples, y ningún método aprende de ella. Por defecto: 'sample distance', que añade 'lode grid --distance', cuando la pila la tiene.</translation>
    </message>
    <message>
      <source>Folds</source>
      <translation>Grupos</translation>
    </message>
    <message>
      <source>Parts into which the blocks are divided; each is left out once.</source>
      <translation>Partes en que se dividen los bloques; cada una se aparta una vez.</translation>
    </message>
    <message>
      <source>Repeats</source>
      <translation>Repeticiones</translation>
    </message>
    <message>
      <source>Times the whole validation is done, with new blocks and new background.</source>
      <translation>Veces que se hace toda la validación, con bloques y fondo nuevos.</translation>
    </message>
    <message>
      <source>Side of blocks</source>
      <translation>Lado de los bloques</translation>
    </message>
    <message>
      <source>Side of the spatial blocks that folds never split. Default: the mean spacing of deposits, never smaller than the window.</source>
      <translation>Lado de los bloques espaciales que las particiones nunca cortan. Por defecto: la separación media de los yacimientos, nunca menor que la ventana.</translation>
    </message>
    <message>
      <source>Shape of blocks</source>
      <translation>Forma de los bloques</translation>
    </message>
    <message>
      <source>Squares, hexagons, or leaving out one cluster of deposits (closer together than the block side) at a time.</source>
      <translation>Cuadrados, hexágonos, o dejar fuera un grupo de yacimientos (más próximos entre sí que el lado del bloque) cada vez.</translation>
    </message>
    <message>
      <source>Squares</source>
      <translation>Cuadrados</translation>
    </message>
    <message>
      <source>Hexagons</source>
      <translation>Hexágonos</translation>
    </message>
    <message>
      <source>Clusters of deposits</source>
      <translation>Grupos de yacimientos</translation>
    </message>
    <message>
      <source>Buffer around test deposits</source>
      <translation>Margen alrededor de los yacimientos de prueba</translation>
    </message>
    <message>
      <source>Training places closer than this to a test deposit are left out. Default: one window, or less when too little would remain (the report says so).</source>
      <translation>Se descartan los lugares de entrenamiento más próximos que esto a un yacimiento de prueba. Por defecto: una ventana, o menos cuando quedaría demasiado poco (el informe lo dice).</translation>
    </message>
    <message>
      <source>Background places drawn in each repeat; training uses at most 1000 of them.</source>
      <translation>Lugares de fondo sacados en cada repetición; el entrenamiento usa 1000 de ellos como máximo.</translation>
    </message>
    <message>
      <source>Permutations</source>
      <translation>Permutaciones</translation>
    </message>
    <message>
      <source>Control runs with the deposits moved together to random places: what chance gives. Each takes as long as a repeat.</source>
      <translation>Pasadas de control con los yacimientos movidos juntos a lugares al azar: lo que da la suerte. Cada una tarda como una repetición.</translation>
    </message>
    <message>
      <source>Area of the pretraining</source>
      <translation>Área del preentrenamiento</translation>
    </message>
    <message>
      <source>whole: the encoder is pretrained once on the whole stack, without labels, test areas included. inductive: anew for every fold, without its test areas (slow).</source>
      <translation>whole: el codificador se preentrena una vez con toda la pila, sin etiquetas, áreas de prueba incluidas. inductive: de nuevo para cada partición, sin sus áreas de prueba (lento).</translation>
    </message>
    <message>
      <source>Whole stack, once</source>
      <translation>Toda la pila, una vez</translation>
    </message>
    <message>
      <source>Anew for every fold (slow)</source>
      <translation>De nuevo para cada partición (lento)</translation>
    </message>
    <message>
      <source>Training steps of networks</source>
      <translation>Pasos de entrenamiento de las redes</translation>
    </message>
    <message>
      <source>Steps, at most, of the methods resnet50, mobilenetv2 and dense, in every fold.</source>
      <translation>Pasos, como máximo, de los métodos resnet50, mobilenetv2 y dense, en cada partición.</translation>
    </message>
    <message>
      <source>Confidence</source>
      <translation>Confianza</translation>
    </message>
    <message>
      <source>Of all intervals: 0.9 means that nine in ten such intervals hold the truth.</source>
      <translation>De todos los intervalos: 0.9 significa que nueve de cada diez contienen el valor verdadero.</translation>
    </message>
    <message>
      <source>Bootstrap samples</source>
      <translation>Muestras bootstrap</translation>
    </message>
    <message>
      <source>Samples drawn for the intervals.</source>
      <translation>Muestras sacadas para los intervalos.</translation>
    </message>
    <message>
      <source>Map of folds</source>
      <translation>Mapa de grupos</translation>
    </message>
    <message>
      <source>GeoTIFF of the folds of the first repeat, to look at.</source>
      <translation>GeoTIFF de las particiones de la primera repetición, para mirarlas.</translation>
    </message>
    <message>
      <source>Rank targets</source>
      <translation>Ordenar objetivos</translation>
    </message>
    <message>
      <source>Turn a prospectivity map into ranked target polygons with statistics.</source>
      <translation>Convierte un mapa de prospectividad en polígonos de objetivos ordenados, con estadísticas.</translation>
    </message>
    <message>
      <source>Takes the best-scoring share of the area, closes gaps, drops small patches and writes each connected region as a polygon (with its holes), ranked by mean score. Attributes: rank, area, mean and highest score, uncertainty, known deposits inside, distance to the nearest known deposit, its name and its number in the layer, share of the target close to known deposits, the elements that raise the score most, and the centroid in map and geographic coordinates.</source>
      <translation>Toma la parte del área con mejor puntuación, cierra huecos, elimina parches pequeños y escribe cada región conexa como polígono (con sus agujeros), ordenado por su puntuación media. Atributos: rango, superficie, puntuación media y máxima, incertidumbre, yacimientos conocidos dentro, distancia al yacimiento conocido más cercano, su nombre y su número en la capa, parte del objetivo próxima a yacimientos conocidos, los elementos que más suben la puntuación, y el centroide en coordenadas del mapa y geográficas.</translation>
    </message>
    <message>
      <source>Raster made by 'lode predict' or any other score, higher = better.</source>
      <translation>Ráster hecho por 'lode predict' o cualquier otra puntuación, mayor = mejor.</translation>
    </message>
    <message>
      <source>Targets</source>
      <translation>Objetivos</translation>
    </message>
    <message>
      <source>Polygon layer to write; the extension tells the format.</source>
      <translation>Capa de polígonos que se escribe; la extensión indica el formato.</translation>
    </message>
    <message>
      <source>The best-scoring share of the area becomes targets.</source>
      <translation>La parte del área con mejor puntuación se convierte en objetivos.</translation>
    </message>
    <message>
      <source>Score threshold</source>
      <translation>Umbral de puntuación</translation>
    </message>
    <message>
      <source>Take what scores at least this, instead of a share of the area.</source>
      <translation>Tomar lo que puntúa al menos esto, en vez de una parte del área.</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>Banda</translation>
    </message>
    <message>
      <source>Name of the band to use. Default: score, or the first band.</source>
      <translation>Nombre de la banda que se usa. Por defecto: score, o la primera banda.</translation>
    </message>
    <message>
      <source>Smallest target</source>
      <translation>Objetivo más pequeño</translation>
    </message>
    <message>
      <source>Smaller targets are dropped. Default: 4 cells.</source>
      <translation>Los objetivos más pequeños se eliminan. Por defecto: 4 celdas.</translation>
    </message>
    <message>
      <source>km2</source>
      <translation>km2</translation>
    </message>
    <message>
      <source>The score is first averaged over a square of this half side; 0 = not.</source>
      <translation>La puntuación se promedia antes en un cuadrado de este medio lado; 0 = no.</translation>
    </message>
    <message>
      <source>Outline</source>
      <translation>Contorno</translation>
    </message>
    <message>
      <source>smooth: along the line where the averaged score reaches the threshold; cells: along the edges of the raster's cells.</source>
      <translation>smooth: a lo largo de la línea en la que la puntuación promediada alcanza el umbral; cells: a lo largo de los bordes de las celdas del ráster.</translation>
    </message>
    <message>
      <source>Smooth</source>
      <translation>Suave</translation>
    </message>
    <message>
      <source>Edges of cells</source>
      <translation>Bordes de las celdas</translation>
    </message>
    <message>
      <source>Close gaps</source>
      <translation>Cerrar huecos</translation>
    </message>
    <message>
      <source>Gaps and holes up to twice this many cells wide are closed; 0 = none.</source>
      <translation>Se cierran los huecos y agujeros de hasta el doble de este número de celdas de ancho; 0 = ninguno.</translation>
    </message>
    <message>
      <source>Most targets</source>
      <translation>Objetivos como máximo</translation>
    </message>
    <message>
      <source>Keep this many, best first; 0 = all.</source>
      <translation>Conservar este número, los mejores primero; 0 = todos.</translation>
    </message>
    <message>
      <source>For the distance to the nearest known deposit and the share already known.</source>
      <translation>Para la distancia al yacimiento conocido más cercano y la parte ya conocida.</translation>
    </message>
    <message>
      <source>Known ground around deposits</source>
      <translation>Terreno conocido alrededor de los yacimientos</translation>
    </message>
    <message>
      <source>Ground this close to a known deposit counts as known. Default: two cells.</source>
      <translation>El terreno así de próximo a un yacimiento conocido cuenta como conocido. Por defecto: dos celdas.</translation>
    </message>
    <message>
      <source>Attribution raster</source>
      <translation>Ráster de atribución</translation>
    </message>
    <message>
      <source>Made by 'lode explain' on the same grid: adds the bands that raise each target's score most.</source>
      <translation>Hecho por 'lode explain' sobre la misma malla: añade las bandas que más suben la puntuación de cada objetivo.</translation>
    </message>
    <message>
      <source>Points for field work</source>
      <translation>Puntos para el trabajo de campo</translation>
    </message>
    <message>
      <source>Also write one point a target, for example as GPX or KML.</source>
      <translation>Escribir además un punto por objetivo, por ejemplo como GPX o KML.</translation>
    </message>
    <message>
      <source>Explain the score</source>
      <translation>Explicar la puntuación</translation>
    </message>
    <message>
      <source>Map how much each band raises or lowers the score, and sum it up for the targets.</source>
      <translation>Cartografía cuánto sube o baja la puntuación cada banda, y lo resume para los objetivos.</translation>
    </message>
    <message>
      <source>Integrated gradients: walking from the survey's median to each place as it is, the change of the log odds is divided among the bands, the surroundings in the window included. The parts add up to the log odds of the score less those of the median; 'unexplained' in the result tells what the finite steps leave. Positive values raise the score.</source>
      <translation>Gradientes integrados: al ir desde la mediana del muestreo hasta cada lugar tal como es, el cambio del logaritmo de las probabilidades se reparte entre las bandas, incluido el entorno en la ventana. Las partes suman el logaritmo de las probabilidades de la puntuación menos el de la mediana; 'unexplained' en el resultado dice cuánto dejan los pasos finitos. Los valores positivos suben la puntuación.</translation>
    </message>
    <message>
      <source>With --deposits, a table tells how much the model relies on groups of bands (permutation importance): the group is exchanged between places, whole windows at a time, and the loss of AUC at the deposits is told. Two bands that say the same stand in for each other when shuffled one by one; put them into one group. Deposits that the model learned from tell what it uses; only 'lode validate' tells whether that finds others.</source>
      <translation>Con --deposits, una tabla dice cuánto se apoya el modelo en grupos de bandas (importancia por permutación): el grupo se intercambia entre lugares, ventanas enteras a la vez, y se dice la pérdida de AUC en los yacimientos. Dos bandas que dicen lo mismo se sustituyen una a otra cuando se barajan por separado; póngalas en un grupo. Los yacimientos de los que aprendió el modelo dicen qué usa; solo 'lode validate' dice si con eso se encuentran otros.</translation>
    </message>
    <message>
      <source>The result can be given to 'lode targets --attribution', which then names the elements that matter in each target.</source>
      <translation>El resultado puede darse a 'lode targets --attribution', que nombra entonces los elementos que importan en cada objetivo.</translation>
    </message>
    <message>
      <source>Model file made by 'lode fit'.</source>
      <translation>Archivo de modelo hecho por 'lode fit'.</translation>
    </message>
    <message>
      <source>Attributions</source>
      <translation>Atribuciones</translation>
    </message>
    <message>
      <source>GeoTIFF to write, one band an element or layer, in log odds.</source>
      <translation>GeoTIFF que se escribe, una banda por elemento o capa, en logaritmo de las probabilidades.</translation>
    </message>
    <message>
      <source>Point layer of known deposits, in any CRS: also measures how much the model relies on groups of bands, by what its AUC at the deposits loses when a group is shuffled.</source>
      <translation>Capa de puntos de yacimientos conocidos, en cualquier SRC: mide además cuánto se apoya el modelo en grupos de bandas, por lo que su AUC en los yacimientos pierde cuando se baraja un grupo.</translation>
    </message>
    <message>
      <source>Groups of bands</source>
      <translation>Grupos de bandas</translation>
    </message>
    <message>
      <source>associations: bands that rise and fall together in the background; each: every band alone; or a list: Au,As,Sb;Cu,Pb,Zn, with names if wanted: pathfinders=As,Sb,Hg;base metals=Cu,Pb,Zn.</source>
      <translation>associations: bandas que suben y bajan juntas en el fondo; each: cada banda sola; o una lista: Au,As,Sb;Cu,Pb,Zn, con nombres si se quiere: pathfinders=As,Sb,Hg;base metals=Cu,Pb,Zn.</translation>
    </message>
    <message>
      <source>Share of the area called targets</source>
      <translation>Parte del área llamada objetivos</translation>
    </message>
    <message>
      <source>The summary averages over the best-scoring share of the area.</source>
      <translation>El resumen promedia sobre la parte del área con mejor puntuación.</translation>
    </message>
    <message>
      <source>Steps of the path</source>
      <translation>Pasos del camino</translation>
    </message>
    <message>
      <source>More steps leave less unexplained and take longer. A model whose head sees no embedding needs one.</source>
      <translation>Más pasos dejan menos sin explicar y tardan más. Un modelo cuya cabeza no ve la incrustación necesita uno.</translation>
    </message>
    <message>
      <source>Make a prospectivity map</source>
      <translation>Hacer un mapa de prospectividad</translation>
    </message>
    <message>
      <source>The whole job in one call: pretrain, fit, validate, predict, targets, report.</source>
      <translation>Todo el trabajo en una llamada: preentrenar, ajustar, validar, predecir, objetivos, informe.</translation>
    </message>
    <message>
      <source>From a stack and a layer of known deposits to a prospectivity map: pretrains an encoder on the stack alone, fits a head on the deposits, maps score, uncertainty and percentile, validates in spatial blocks against ridge logistic regression and the best single band, and outlines targets.</source>
      <translation>De una pila y una capa de yacimientos conocidos a un mapa de prospectividad: preentrena un codificador solo con la pila, ajusta una cabeza a los yacimientos, cartografía puntuación, incertidumbre y percentil, valida en bloques espaciales frente a la regresión logística con cresta y la mejor banda única, y traza objetivos.</translation>
    </message>
    <message>
      <source>Writes model.lode, prospectivity.tif, prospectivity.png, prospectivity.lodeview (opens in QGIS and GDAL with the Lode driver), targets.gpkg, report.html, report.json and styles for QGIS.</source>
      <translation>Escribe model.lode, prospectivity.tif, prospectivity.png, prospectivity.lodeview (se abre en QGIS y GDAL con el controlador de Lode), targets.gpkg, report.html, report.json y estilos para QGIS.</translation>
    </message>
    <message>
      <source>Folder for the results</source>
      <translation>Carpeta para los resultados</translation>
    </message>
    <message>
      <source>Folder to write to; it is made when it does not exist.</source>
      <translation>Carpeta en la que se escribe; se crea si no existe.</translation>
    </message>
    <message>
      <source>Prospectivity</source>
      <translation>Prospectividad</translation>
    </message>
    <message>
      <source>Measures</source>
      <translation>Mediciones</translation>
    </message>
    <message>
      <source>Picture of the map</source>
      <translation>Imagen del mapa</translation>
    </message>
    <message>
      <source>Style of the map</source>
      <translation>Estilo del mapa</translation>
    </message>
    <message>
      <source>Style of the targets</source>
      <translation>Estilo de los objetivos</translation>
    </message>
    <message>
      <source>View of the model for GDAL programs</source>
      <translation>Vista del modelo para programas GDAL</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>Ayuda</translation>
    </message>
    <message>
      <source>Describe a model</source>
      <translation>Describir un modelo</translation>
    </message>
    <message>
      <source>Show what a model file holds.</source>
      <translation>Muestra lo que contiene un archivo de modelo.</translation>
    </message>
    <message>
      <source>Shows the elements, transform, window, encoder, head, bands and training provenance of a model file.</source>
      <translation>Muestra los elementos, la transformación, la ventana, el codificador, la cabeza, las bandas y la procedencia del entrenamiento de un archivo de modelo.</translation>
    </message>
    <message>
      <source>Model file</source>
      <translation>Archivo de modelo</translation>
    </message>
    <message>
      <source>A .lode model file.</source>
      <translation>Un archivo de modelo .lode.</translation>
    </message>
    <message>
      <source>Simulate a survey</source>
      <translation>Simular un reconocimiento</translation>
    </message>
    <message>
      <source>Make up a survey whose deposits, known and hidden, are all on record.</source>
      <translation>Inventa un reconocimiento cuyos yacimientos, conocidos y ocultos, constan todos.</translation>
    </message>
    <message>
      <source>Simulates an area with strata, intrusions, faults, streams and gold deposits with zoned Au-As-Sb-Hg-Bi haloes, and then a stream-sediment survey of it: 39 elements at realistic levels, with detection limits and analytical noise. One barren black shale is as rich in gold and its pathfinders as many haloes, and barren antimony-mercury systems lie on the same faults, so that no single element is enough.</source>
      <translation>Simula un área con estratos, intrusiones, fallas, ríos y yacimientos de oro con halos zonados de Au-As-Sb-Hg-Bi, y después un muestreo de sedimentos de arroyo: 39 elementos a niveles realistas, con límites de detección y ruido analítico. Una pizarra negra estéril es tan rica en oro y sus acompañantes como muchos halos, y hay sistemas estériles de antimonio y mercurio en las mismas fallas, de modo que ningún elemento basta por sí solo.</translation>
    </message>
    <message>
      <source>Writes samples.csv and samples.gpkg (what the laboratory reports), stack.tif (the samples gridded by inverse distance, one band an element), deposits.gpkg (known deposits), truth.gpkg (hidden deposits, to test a map with), faults.gpkg and geology.gpkg. The same seed gives the same bytes.</source>
      <translation>Escribe samples.csv y samples.gpkg (lo que informa el laboratorio), stack.tif (las muestras interpoladas por distancia inversa, una banda por elemento), deposits.gpkg (yacimientos conocidos), truth.gpkg (yacimientos ocultos, para probar un mapa), faults.gpkg y geology.gpkg. La misma semilla da los mismos bytes.</translation>
    </message>
    <message>
      <source>Output folder</source>
      <translation>Carpeta de salida</translation>
    </message>
    <message>
      <source>Folder for the files; made when it does not exist.</source>
      <translation>Carpeta para los archivos; se crea si no existe.</translation>
    </message>
    <message>
      <source>About how many stream-sediment samples are taken.</source>
      <translation>Cuántas muestras de sedimentos de arroyo se toman, aproximadamente.</translation>
    </message>
    <message>
      <source>Deposits written to deposits.gpkg.</source>
      <translation>Yacimientos que se escriben en deposits.gpkg.</translation>
    </message>
    <message>
      <source>Hidden deposits</source>
      <translation>Yacimientos ocultos</translation>
    </message>
    <message>
      <source>Deposits written to truth.gpkg only.</source>
      <translation>Yacimientos que se escriben solo en truth.gpkg.</translation>
    </message>
    <message>
      <source>Side of the area</source>
      <translation>Lado del área</translation>
    </message>
    <message>
      <source>Rows and columns of the grid.</source>
      <translation>Filas y columnas de la malla.</translation>
    </message>
    <message>
      <source>Side of a cell of the grid.</source>
      <translation>Lado de una celda de la malla.</translation>
    </message>
    <message>
      <source>A projected CRS in metres for the output; UTM coordinates suit it best.</source>
      <translation>Un SRC proyectado en metros para la salida; las coordenadas UTM son las que mejor le van.</translation>
    </message>
    <message>
      <source>Laboratory table</source>
      <translation>Tabla del laboratorio</translation>
    </message>
    <message>
      <source>Faults</source>
      <translation>Fallas</translation>
    </message>
    <message>
      <source>Geology</source>
      <translation>Geología</translation>
    </message>
    <message>
      <source>Element grids</source>
      <translation>Mallas de elementos</translation>
    </message>
    <message>
      <source>Export a model to ONNX</source>
      <translation>Exportar un modelo a ONNX</translation>
    </message>
    <message>
      <source>Write preprocessing, encoder and head as one ONNX file for other software.</source>
      <translation>Escribe preprocesado, codificador y cabeza en un archivo ONNX para otros programas.</translation>
    </message>
    <message>
      <source>The ONNX file does what 'lode predict' does for the band 'score': raw element values of a window or tile go in, scores come out; no other preprocessing is needed. Input 'values' is batch x height x width x bands, bands in the order of the file's metadata entry 'bands', NaN where there is no value. Output 'score' is smaller by the window less one; it is -9999 where the centre cell has no data.</source>
      <translation>El archivo ONNX hace lo que 'lode predict' para la banda 'score': entran los valores brutos de los elementos de una ventana o tesela y salen puntuaciones; no hace falta más preprocesado. La entrada 'values' es lote x alto x ancho x bandas, las bandas en el orden de la entrada 'bands' de los metadatos del archivo, NaN donde no hay valor. La salida 'score' es menor en la ventana menos uno; vale -9999 donde la celda central no tiene datos.</translation>
    </message>
    <message>
      <source>A model without a head gives 'embedding' instead.</source>
      <translation>Un modelo sin cabeza da en cambio 'embedding'.</translation>
    </message>
    <message>
      <source>Model file (.lode).</source>
      <translation>Archivo de modelo (.lode).</translation>
    </message>
    <message>
      <source>ONNX file</source>
      <translation>Archivo ONNX</translation>
    </message>
    <message>
      <source>File to write.</source>
      <translation>Archivo que se escribe.</translation>
    </message>
  </context>
</TS>
