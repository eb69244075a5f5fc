<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh" sourcelanguage="en">
  <context>
    <name>Lode</name>
    <message>
      <source>Inputs and options</source>
      <translation>输入与选项</translation>
    </message>
    <message>
      <source>Outputs</source>
      <translation>输出</translation>
    </message>
    <message>
      <source>On the command line: {}</source>
      <translation>命令行中的写法：{}</translation>
    </message>
    <message>
      <source>Open the resulting layers</source>
      <translation>打开结果图层</translation>
    </message>
    <message>
      <source>Summary</source>
      <translation>摘要</translation>
    </message>
    <message>
      <source>Cancelled. No output was written.</source>
      <translation>已取消，未写出任何结果。</translation>
    </message>
    <message>
      <source>HTML report</source>
      <translation>HTML 报告</translation>
    </message>
    <message>
      <source>Model and training curve</source>
      <translation>模型与训练曲线</translation>
    </message>
    <message>
      <source>From samples to a printed map</source>
      <translation>从样品到打印的地图</translation>
    </message>
    <message>
      <source>Element stack</source>
      <translation>元素数据栈</translation>
    </message>
    <message>
      <source>Sheet file</source>
      <translation>图幅文件</translation>
    </message>
    <message>
      <source>Title</source>
      <translation>标题</translation>
    </message>
    <message>
      <source>Folder for the results</source>
      <translation>结果文件夹</translation>
    </message>
    <message>
      <source>Grids the samples, makes a prospectivity map with a report, and prints it. Run it as a batch with one deposit filter a row to map several commodities.</source>
      <translation>对样品进行网格化，制作远景图和报告，并打印出来。按批处理运行，每行一个矿床筛选条件，即可为多个矿种制图。</translation>
    </message>
    <message>
      <source>{}: layer '{}' has no features.</source>
      <translation>{}：图层“{}”没有要素。</translation>
    </message>
    <message>
      <source>{}: nothing is selected in '{}'; select features or switch off 'Selected features only'.</source>
      <translation>{}：“{}”中没有选中任何要素；请选择要素，或取消“仅选中的要素”。</translation>
    </message>
    <message>
      <source>The filter '{}' cannot be read: {}</source>
      <translation>无法读取筛选条件“{}”：{}</translation>
    </message>
    <message>
      <source>The filter '{}' leaves no feature of '{}'; change it.</source>
      <translation>筛选条件“{}”在“{}”中没有留下任何要素；请修改。</translation>
    </message>
    <message>
      <source>{}: layer '{}' has no CRS; set it in the layer's properties.</source>
      <translation>{}：图层“{}”没有坐标参考系；请在图层属性中设置。</translation>
    </message>
    <message>
      <source>{}: layer '{}' lies outside raster '{}'; choose layers of one area or correct the CRS.</source>
      <translation>{}：图层“{}”位于栅格“{}”之外；请选择同一区域的图层或更正坐标参考系。</translation>
    </message>
    <message>
      <source>{}: '{}' is a file; choose a folder.</source>
      <translation>{}：“{}”是文件；请选择文件夹。</translation>
    </message>
    <message>
      <source>{}: the folder '{}' does not exist; choose another one.</source>
      <translation>{}：文件夹“{}”不存在；请另选一个。</translation>
    </message>
    <message>
      <source>{}: this is not a raster that QGIS can open; choose another one.</source>
      <translation>{}：这不是 QGIS 能打开的栅格；请另选一个。</translation>
    </message>
    <message>
      <source>{}: '{}' lies on another grid than '{}'; align them first with 'lode:stack'.</source>
      <translation>{}：“{}”与“{}”的网格不同；请先用“lode:stack”对齐。</translation>
    </message>
    <message>
      <source>{}: {:.10g} m is outside the range from {:.10g} m to {:.10g} m; change it.</source>
      <translation>{}：{:.10g} 米超出范围（{:.10g} 米至 {:.10g} 米），请修改。</translation>
    </message>
    <message>
      <source>{}: the layer cannot be opened; choose another one.</source>
      <translation>{}：无法打开该图层；请另选一个。</translation>
    </message>
    <message>
      <source>The filter names column '{}', which layer '{}' does not have; its columns are {}.</source>
      <translation>筛选条件用到列“{}”，但图层“{}”没有此列；它的列为 {}。</translation>
    </message>
    <message>
      <source>{}: there is no file '{}'.</source>
      <translation>{}：没有文件“{}”。</translation>
    </message>
    <message>
      <source>The stack lacks bands that the model needs: {}. Choose the stack the model was made for, or one with the same elements.</source>
      <translation>数据栈缺少模型所需的波段：{}。请选择建立模型时所用的数据栈，或含有相同元素的数据栈。</translation>
    </message>
    <message>
      <source>{}: the file name '{}' must end in {}.</source>
      <translation>{}：文件名“{}”必须以 {} 结尾。</translation>
    </message>
    <message>
      <source>{}: '{}' is also an input; choose another file name.</source>
      <translation>{}：“{}”同时也是输入；请另选文件名。</translation>
    </message>
    <message>
      <source>{}: '{}' cannot be written; choose another place.</source>
      <translation>{}：无法写入“{}”；请另选位置。</translation>
    </message>
    <message>
      <source>{}: raster '{}' has no CRS; give it one with 'Assign projection'.</source>
      <translation>{}：栅格“{}”没有坐标参考系；请用“指定投影”设置。</translation>
    </message>
    <message>
      <source>{}: a window of {} cells is larger than raster '{}' ({} x {} cells); choose a smaller window.</source>
      <translation>{}：{} 个像元的窗口大于栅格“{}”（{} x {} 个像元）；请选择更小的窗口。</translation>
    </message>
    <message>
      <source>The embedding has data in fewer than three cells.</source>
      <translation>嵌入有数据的单元不足三个。</translation>
    </message>
    <message>
      <source>'{}' has fewer than three embedding bands.</source>
      <translation>'{}' 的嵌入波段不足三个。</translation>
    </message>
    <message>
      <source>{} h {} min</source>
      <translation>{} 小时 {} 分</translation>
    </message>
    <message>
      <source>{} s</source>
      <translation>{} 秒</translation>
    </message>
    <message>
      <source>{} min</source>
      <translation>{} 分</translation>
    </message>
    <message>
      <source>{} (about {} left)</source>
      <translation>{}（约剩 {}）</translation>
    </message>
    <message>
      <source>The same on the command line:</source>
      <translation>等效的命令行：</translation>
    </message>
    <message>
      <source>Parameter</source>
      <translation>参数</translation>
    </message>
    <message>
      <source>Meaning</source>
      <translation>含义</translation>
    </message>
    <message>
      <source>Name in scripts</source>
      <translation>脚本中的名称</translation>
    </message>
    <message>
      <source>Default</source>
      <translation>默认</translation>
    </message>
    <message>
      <source>In scripts and with qgis_process this is {}; parameters are named as in the last column.</source>
      <translation>在脚本和 qgis_process 中，它是 {}；参数名称见最后一列。</translation>
    </message>
    <message>
      <source>From {:.10g} to {:.10g} {}</source>
      <translation>从 {:.10g} 到 {:.10g} {}</translation>
    </message>
    <message>
      <source>reading the stack</source>
      <translation>读取数据栈</translation>
    </message>
    <message>
      <source>looking for cells with data</source>
      <translation>查找有数据的像元</translation>
    </message>
    <message>
      <source>pretraining, step {} of {}, loss {}</source>
      <translation>预训练，第 {} 步，共 {} 步，损失 {}</translation>
    </message>
    <message>
      <source>settling normalisation</source>
      <translation>确定归一化</translation>
    </message>
    <message>
      <source>pretrained</source>
      <translation>预训练完成</translation>
    </message>
    <message>
      <source>reading places</source>
      <translation>读取地点</translation>
    </message>
    <message>
      <source>choosing the head's inputs</source>
      <translation>选择预测头的输入</translation>
    </message>
    <message>
      <source>fitting the head</source>
      <translation>拟合预测头</translation>
    </message>
    <message>
      <source>mapping</source>
      <translation>制图</translation>
    </message>
    <message>
      <source>drawing background</source>
      <translation>抽取背景点</translation>
    </message>
    <message>
      <source>reading bands</source>
      <translation>读取波段</translation>
    </message>
    <message>
      <source>best single band</source>
      <translation>最好的单一波段</translation>
    </message>
    <message>
      <source>intervals</source>
      <translation>计算区间</translation>
    </message>
    <message>
      <source>contrastive embedding and head</source>
      <translation>对比学习嵌入与预测头</translation>
    </message>
    <message>
      <source>ridge logistic on the bands</source>
      <translation>波段上的岭逻辑回归</translation>
    </message>
    <message>
      <source>regions</source>
      <translation>圈定区域</translation>
    </message>
    <message>
      <source>writing</source>
      <translation>写出</translation>
    </message>
    <message>
      <source>Fitting variograms</source>
      <translation>拟合变异函数</translation>
    </message>
    <message>
      <source>Gridding</source>
      <translation>网格化</translation>
    </message>
    <message>
      <source>Bands: {} elements ({}) and {} other layers (scaled only).</source>
      <translation>波段：{} 个元素（{}）和 {} 个其他图层（只作缩放）。</translation>
    </message>
    <message>
      <source>Deposits: {} read from '{}', {} used ({} outside the stack, {} on cells without data, {} in the cell of another).</source>
      <translation>矿床：读取 {} 个（'{}'），使用 {} 个（{} 个在数据栈之外，{} 个在无数据像元上，{} 个与另一个同在一像元）。</translation>
    </message>
    <message>
      <source>Head: {} % from {}, strength {} (AUC {} in inner spatial folds).</source>
      <translation>预测头：{} % 来自 {}，强度 {}（内部空间分折 AUC {}）。</translation>
    </message>
    <message>
      <source>Together: AUC {} in inner spatial folds.</source>
      <translation>合计：内部空间分折 AUC {}。</translation>
    </message>
    <message>
      <source>{} targets, {} km2 in all, score at least {}.</source>
      <translation>{} 个靶区，共 {} 平方千米，得分不低于 {}。</translation>
    </message>
    <message>
      <source>{} samples in '{}' (layer {}), {} elements used of {} columns found.</source>
      <translation>{} 个样品（'{}'，图层 {}），使用 {} 个元素，共找到 {} 列。</translation>
    </message>
    <message>
      <source>The buffer between test deposits and training places is {} instead of one window ({}), because a whole window would leave under two thirds of the deposits to train on. Windows of test and training places overlap in part, so the values may be optimistic.</source>
      <translation>检验矿床与训练地点之间的缓冲距离为 {}，而不是一个窗口（{}），因为整个窗口会使可用于训练的矿床少于三分之二。检验与训练地点的窗口部分重叠，数值可能偏乐观。</translation>
    </message>
    <message>
      <source>'{}' ranks deposits it was not shown above background with an AUC of {} ({} to {}; 0.50 is chance); the best tenth of the area holds {} % of them.</source>
      <translation>'{}' 把未向其展示的矿床排在背景之上，AUC 为 {}（{} 至 {}；0.50 为随机）；得分最高的十分之一面积包含其中 {} %。</translation>
    </message>
    <message>
      <source>Lode library file (empty: found by itself)</source>
      <translation>Lode 库文件（留空：自动查找）</translation>
    </message>
    <message>
      <source>Sample project</source>
      <translation>示例项目</translation>
    </message>
    <message>
      <source>Grid</source>
      <translation>网格化</translation>
    </message>
    <message>
      <source>Map</source>
      <translation>制图</translation>
    </message>
    <message>
      <source>Sheet</source>
      <translation>图幅</translation>
    </message>
    <message>
      <source>library missing</source>
      <translation>缺少库</translation>
    </message>
    <message>
      <source>In the unit of '{}', or in metres where that is in degrees or has no CRS.</source>
      <translation>采用“{}”的单位；若其以度为单位或没有坐标参考系，则为米。</translation>
    </message>
    <message>
      <source>Lode model</source>
      <translation>Lode 模型</translation>
    </message>
    <message>
      <source>JSON</source>
      <translation>JSON</translation>
    </message>
    <message>
      <source>Lode view</source>
      <translation>Lode 视图</translation>
    </message>
    <message>
      <source>Virtual raster</source>
      <translation>虚拟栅格</translation>
    </message>
    <message>
      <source>ONNX model</source>
      <translation>ONNX 模型</translation>
    </message>
    <message>
      <source>Table</source>
      <translation>表格</translation>
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
      <translation>所有文件 (*)</translation>
    </message>
    <message>
      <source>Further rasters on the same grid</source>
      <translation>同一网格的其他栅格</translation>
    </message>
    <message>
      <source>Rasters with the same grid whose bands are added to the stack.</source>
      <translation>与数据栈网格相同的栅格，其波段将加入数据栈。</translation>
    </message>
    <message>
      <source>Lode: {}</source>
      <translation>Lode：{}</translation>
    </message>
    <message>
      <source>Warning: {}</source>
      <translation>警告：{}</translation>
    </message>
    <message>
      <source>Model: {}</source>
      <translation>模型：{}</translation>
    </message>
    <message>
      <source>Picture of the embedding: {}</source>
      <translation>嵌入的图像：{}</translation>
    </message>
    <message>
      <source>There is not enough memory for this sheet; lower the resolution.</source>
      <translation>内存不足以生成此图幅；请降低分辨率。</translation>
    </message>
    <message>
      <source>'{}' cannot be written; choose another place.</source>
      <translation>无法写入“{}”；请另选位置。</translation>
    </message>
    <message>
      <source>Template '{}' has no map with the id 'map'.</source>
      <translation>模板“{}”中没有标识为“map”的地图。</translation>
    </message>
    <message>
      <source>Template '{}' cannot be read.</source>
      <translation>无法读取模板“{}”。</translation>
    </message>
    <message>
      <source>Template '{}' is not a layout template.</source>
      <translation>“{}”不是布局模板。</translation>
    </message>
    <message>
      <source>The sheet could not be printed to '{}'.</source>
      <translation>无法将图幅打印到“{}”。</translation>
    </message>
    <message>
      <source>below 80</source>
      <translation>低于 80</translation>
    </message>
    <message>
      <source>80 to 90</source>
      <translation>80 至 90</translation>
    </message>
    <message>
      <source>90 to 95</source>
      <translation>90 至 95</translation>
    </message>
    <message>
      <source>95 to 99</source>
      <translation>95 至 99</translation>
    </message>
    <message>
      <source>99 and above</source>
      <translation>99 及以上</translation>
    </message>
    <message>
      <source>Score</source>
      <translation>得分</translation>
    </message>
    <message>
      <source>Percentile</source>
      <translation>百分位</translation>
    </message>
    <message>
      <source>Percentile classes (80, 90, 95, 99)</source>
      <translation>百分位分级（80、90、95、99）</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>不确定性</translation>
    </message>
    <message>
      <source>Support</source>
      <translation>支持度</translation>
    </message>
    <message>
      <source>Anomaly</source>
      <translation>异常</translation>
    </message>
    <message>
      <source>Attribution</source>
      <translation>归因</translation>
    </message>
    <message>
      <source>Element</source>
      <translation>元素</translation>
    </message>
    <message>
      <source>Embedding as colours</source>
      <translation>嵌入（彩色）</translation>
    </message>
    <message>
      <source>Targets by rank</source>
      <translation>按名次的靶区</translation>
    </message>
    <message>
      <source>Deposits by commodity</source>
      <translation>按矿种的矿床</translation>
    </message>
    <message>
      <source>Samples</source>
      <translation>样品</translation>
    </message>
    <message>
      <source>About Lode</source>
      <translation>关于 Lode</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>帮助</translation>
    </message>
    <message>
      <source>Shows which Lode library QGIS uses, where it was found and which tasks it offers. Run this first when something does not work: it says what is missing and what to do.</source>
      <translation>显示 QGIS 使用哪个 Lode 库、在何处找到以及提供哪些任务。出现问题时请先运行它：它会说明缺少什么以及如何处理。</translation>
    </message>
    <message>
      <source>Interface</source>
      <translation>接口</translation>
    </message>
    <message>
      <source>Page about Lode</source>
      <translation>关于 Lode 的页面</translation>
    </message>
    <message>
      <source>Library file</source>
      <translation>库文件</translation>
    </message>
    <message>
      <source>Tasks</source>
      <translation>任务</translation>
    </message>
    <message>
      <source>Problem</source>
      <translation>问题</translation>
    </message>
    <message>
      <source>Apply a Lode style</source>
      <translation>应用 Lode 样式</translation>
    </message>
    <message>
      <source>5 Print</source>
      <translation>5 打印</translation>
    </message>
    <message>
      <source>Gives a layer one of Lode's styles: score, percentile, percentile in classes at 80, 90, 95 and 99, uncertainty, support, anomaly, embedding as colours, targets labelled by rank, deposits coloured by commodity.</source>
      <translation>为图层设置 Lode 的样式：得分、百分位、按 80、90、95、99 分级的百分位、不确定性、支持度、异常、彩色嵌入、按名次标注的靶区、按矿种着色的矿床。</translation>
    </message>
    <message>
      <source>The colour ramps are perceptually uniform and can be read by colour-blind users.</source>
      <translation>色带感知均匀，色觉异常的读者也能辨认。</translation>
    </message>
    <message>
      <source>'Automatic' takes the style that fits the layer's bands or columns.</source>
      <translation>“自动”采用与图层的波段或列相符的样式。</translation>
    </message>
    <message>
      <source>'Embedding as colours' writes a picture of the embedding bands beside the raster: the first three principal components as red, green and blue. Places that look alike to the encoder get the same colour.</source>
      <translation>“嵌入的颜色”在栅格旁写出嵌入波段的图像：前三个主成分作为红、绿、蓝。编码器看来相似的地点颜色相同。</translation>
    </message>
    <message>
      <source>Style</source>
      <translation>样式</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>图层</translation>
    </message>
    <message>
      <source>Write the style beside the layer's file (.qml)</source>
      <translation>将样式写在图层文件旁 (.qml)</translation>
    </message>
    <message>
      <source>Styled layer</source>
      <translation>已设样式的图层</translation>
    </message>
    <message>
      <source>The layer cannot be opened; choose another one.</source>
      <translation>无法打开该图层；请另选一个。</translation>
    </message>
    <message>
      <source>Style: {}</source>
      <translation>样式：{}</translation>
    </message>
    <message>
      <source>Style written: {}</source>
      <translation>已写出样式：{}</translation>
    </message>
    <message>
      <source>Automatic: what fits the layer</source>
      <translation>自动：适合该图层的样式</translation>
    </message>
    <message>
      <source>Style '{}' does not fit layer '{}'.</source>
      <translation>样式“{}”不适用于图层“{}”。</translation>
    </message>
    <message>
      <source>No style fits layer '{}'; choose one by name.</source>
      <translation>没有适合图层“{}”的样式；请按名称选择。</translation>
    </message>
    <message>
      <source>Print a map sheet</source>
      <translation>打印图幅</translation>
    </message>
    <message>
      <source>degrees</source>
      <translation>度</translation>
    </message>
    <message>
      <source>Prints the prospectivity map on an A4 or A3 sheet: title, legend, grid, scale bar, north arrow, CRS, how the map was made, the warnings of the report and the success-rate curves of the validation.</source>
      <translation>在 A4 或 A3 图幅上打印矿产远景图：标题、图例、格网、比例尺、指北针、坐标参考系、制图方法、报告中的警告以及验证的成功率曲线。</translation>
    </message>
    <message>
      <source>The report is found beside the map (report.json) when none is named.</source>
      <translation>未指定报告时，使用地图旁的报告 （report.json）。</translation>
    </message>
    <message>
      <source>With a file for target pages, each target gets a page of its own.</source>
      <translation>指定靶区页文件后，每个靶区单独成页。</translation>
    </message>
    <message>
      <source>The sheet comes from a layout template. To restyle it, open a template of the plugin's folder 'templates' in the layout designer, save it under your own name and choose that file here.</source>
      <translation>图幅来自布局模板。要更改样式，请在布局设计器中打开插件“templates”文件夹中的模板，另存为自己的文件，再在此处选择该文件。</translation>
    </message>
    <message>
      <source>Share of the area (%)</source>
      <translation>面积占比 (%)</translation>
    </message>
    <message>
      <source>Deposits found (%)</source>
      <translation>发现的矿床 (%)</translation>
    </message>
    <message>
      <source>Target</source>
      <translation>靶区</translation>
    </message>
    <message>
      <source>Prospectivity map</source>
      <translation>远景图</translation>
    </message>
    <message>
      <source>Known deposits</source>
      <translation>已知矿床</translation>
    </message>
    <message>
      <source>Targets</source>
      <translation>靶区</translation>
    </message>
    <message>
      <source>Mineral prospectivity</source>
      <translation>矿产远景</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>显示</translation>
    </message>
    <message>
      <source>Open the sheet when it is printed</source>
      <translation>打印后打开图幅</translation>
    </message>
    <message>
      <source>PDF (*.pdf);;PNG (*.png);;SVG (*.svg)</source>
      <translation>PDF (*.pdf);;PNG (*.png);;SVG (*.svg)</translation>
    </message>
    <message>
      <source>Target pages</source>
      <translation>靶区页</translation>
    </message>
    <message>
      <source>PDF (*.pdf)</source>
      <translation>PDF (*.pdf)</translation>
    </message>
    <message>
      <source>Raster made by 'Make a prospectivity map' or 'Predict prospectivity'.</source>
      <translation>由“制作矿产远景图”或“预测远景”生成的栅格。</translation>
    </message>
    <message>
      <source>Drawn as points, coloured by commodity where the layer tells it.</source>
      <translation>绘为点；图层注明矿种时按矿种着色。</translation>
    </message>
    <message>
      <source>Polygons made by 'Make a prospectivity map' or 'Rank targets', labelled by rank.</source>
      <translation>由“制作矿产远景图”或“靶区排序”生成的多边形，按名次标注。</translation>
    </message>
    <message>
      <source>The band of the map that is shown.</source>
      <translation>要显示的波段。</translation>
    </message>
    <message>
      <source>In the program that shows such files on this computer. A temporary file is gone when QGIS is closed: save it from there, or choose a file here.</source>
      <translation>用本机显示此类文件的程序打开。临时文件在关闭 QGIS 后即消失：请从该程序另存，或在此选择文件。</translation>
    </message>
    <message>
      <source>Further lines for the sheet: area, project, who made it.</source>
      <translation>图幅上的附加文字：地区、项目、制图者。</translation>
    </message>
    <message>
      <source>Empty: report.json in the folder of the map.</source>
      <translation>留空：使用图所在文件夹中的 report.json。</translation>
    </message>
    <message>
      <source>Used in place of the sheets that come with Lode.</source>
      <translation>代替 Lode 自带的图幅模板。</translation>
    </message>
    <message>
      <source>A PDF that tells coordinates and opens as a layer.</source>
      <translation>可显示坐标并能作为图层打开的 PDF。</translation>
    </message>
    <message>
      <source>The ending of the name (.pdf, .png, .svg) chooses the format.</source>
      <translation>文件名的扩展名（.pdf、.png、.svg）决定格式。</translation>
    </message>
    <message>
      <source>A second PDF with a page for each target, in the order of ranks.</source>
      <translation>另一个 PDF，每个靶区一页，按名次排列。</translation>
    </message>
    <message>
      <source>Note</source>
      <translation>备注</translation>
    </message>
    <message>
      <source>Report of the map (report.json)</source>
      <translation>该图的报告 (report.json)</translation>
    </message>
    <message>
      <source>Own layout template</source>
      <translation>自备布局模板</translation>
    </message>
    <message>
      <source>Resolution (dots per inch)</source>
      <translation>分辨率（每英寸点数）</translation>
    </message>
    <message>
      <source>Write the PDF as GeoPDF</source>
      <translation>将 PDF 写为 GeoPDF</translation>
    </message>
    <message>
      <source>Target pages: choose the layer of targets too.</source>
      <translation>靶区页：请同时选择靶区图层。</translation>
    </message>
    <message>
      <source>Prospectivity map: this is not a raster that QGIS can open.</source>
      <translation>远景图：这不是 QGIS 能打开的栅格。</translation>
    </message>
    <message>
      <source>A4 landscape</source>
      <translation>A4 横向</translation>
    </message>
    <message>
      <source>A4 portrait</source>
      <translation>A4 纵向</translation>
    </message>
    <message>
      <source>A3 landscape</source>
      <translation>A3 横向</translation>
    </message>
    <message>
      <source>A3 portrait</source>
      <translation>A3 纵向</translation>
    </message>
    <message>
      <source>Sheet: {}</source>
      <translation>图幅：{}</translation>
    </message>
    <message>
      <source>No report.json beside the map: the sheet has no validation.</source>
      <translation>地图旁没有 report.json：图幅上没有验证结果。</translation>
    </message>
    <message>
      <source>{}; cells of {:.6g} x {:.6g} {}</source>
      <translation>{}；像元 {:.6g} x {:.6g} {}</translation>
    </message>
    <message>
      <source>Made with Lode {}, {}</source>
      <translation>由 Lode {} 制作，{}</translation>
    </message>
    <message>
      <source>{} known deposits; spatial cross-validation: {} folds, repeats: {}</source>
      <translation>{} 个已知矿床；空间交叉验证：{} 折，重复次数：{}</translation>
    </message>
    <message>
      <source>Sheet file: the name must end in {}.</source>
      <translation>图幅文件：文件名必须以 {} 结尾。</translation>
    </message>
    <message>
      <source>Sheet file: folder '{}' cannot be written; choose another place.</source>
      <translation>图幅文件：无法写入文件夹“{}”；请另选位置。</translation>
    </message>
    <message>
      <source>Target pages: {}</source>
      <translation>靶区页：{}</translation>
    </message>
    <message>
      <source>Raster '{}' has no band '{}'; it has {}.</source>
      <translation>栅格“{}”没有波段“{}”；它有 {}。</translation>
    </message>
    <message>
      <source>Report '{}' cannot be read.</source>
      <translation>无法读取报告“{}”。</translation>
    </message>
    <message>
      <source>Open the sample project</source>
      <translation>打开示例工程</translation>
    </message>
    <message>
      <source>Lode sample project</source>
      <translation>Lode 示例工程</translation>
    </message>
    <message>
      <source>Faults</source>
      <translation>断层</translation>
    </message>
    <message>
      <source>Element grids</source>
      <translation>元素网格</translation>
    </message>
    <message>
      <source>Geology</source>
      <translation>地质</translation>
    </message>
    <message>
      <source>Makes a small simulated survey with known gold deposits, and a QGIS project that shows it. The area is imagined; the data are as hard as those of a real survey.</source>
      <translation>生成一个含已知金矿床的小型模拟勘查数据集，以及显示它的 QGIS 工程。区域是虚构的；数据难度与真实勘查相当。</translation>
    </message>
    <message>
      <source>Then run 'Make a prospectivity map' in group 3: the stack and the deposits are already chosen.</source>
      <translation>然后运行第 3 组中的“制作矿产远景图”：数据栈和矿床已经选好。</translation>
    </message>
    <message>
      <source>The hidden deposits are in truth.gpkg; add them afterwards to see how many the map found.</source>
      <translation>隐伏矿床在 truth.gpkg 中；之后加入它，看看该图发现了多少。</translation>
    </message>
    <message>
      <source>Folder</source>
      <translation>文件夹</translation>
    </message>
    <message>
      <source>Open it in this window (the present project must be saved)</source>
      <translation>在此窗口中打开（当前工程须已保存）</translation>
    </message>
    <message>
      <source>Then open 'Make a prospectivity map'</source>
      <translation>然后打开“制作矿产远景图”</translation>
    </message>
    <message>
      <source>Project file</source>
      <translation>工程文件</translation>
    </message>
    <message>
      <source>The present project has unsaved changes: save it first, or switch off 'Open it in this window'.</source>
      <translation>当前工程有未保存的修改：请先保存，或取消“在此窗口中打开”。</translation>
    </message>
    <message>
      <source>Project: {}</source>
      <translation>工程：{}</translation>
    </message>
    <message>
      <source>Project '{}' cannot be written: {}</source>
      <translation>无法写入工程“{}”：{}</translation>
    </message>
    <message>
      <source>Layer '{}' is not a raster file; save it as GeoTIFF first.</source>
      <translation>图层“{}”不是栅格文件；请先另存为 GeoTIFF。</translation>
    </message>
    <message>
      <source>{}: the layer cannot be opened.</source>
      <translation>{}：无法打开该图层。</translation>
    </message>
    <message>
      <source>{}: {:.10g} {} = {:.10g} m</source>
      <translation>{}：{:.10g} {} = {:.10g} 米</translation>
    </message>
  </context>
  <context>
    <name>LodeRegistry</name>
    <message>
      <source>1 Data</source>
      <translation>1 数据</translation>
    </message>
    <message>
      <source>Grid samples</source>
      <translation>样品网格化</translation>
    </message>
    <message>
      <source>Turns a laboratory's table into an aligned stack, one band an element.</source>
      <translation>将实验室数据表变为对齐的数据栈，每个元素一个波段。</translation>
    </message>
    <message>
      <source>Reads a table of samples, finds coordinates, element columns and their units, and prints what it understood before anything is gridded (--dry-run stops there).</source>
      <translation>读取样品表，找出坐标、元素列及其单位，并在网格化之前显示所理解的内容（--dry-run 到此为止）。</translation>
    </message>
    <message>
      <source>Values come out in ppm. '&lt;0.5', negative numbers and zeros are values below a detection limit; -9999, N/A and empty cells are missing. Of two columns for one element (Al and Al2O3, two methods) the one with more measured values is used. Samples repeated under another number are left out. A warning names columns in which one laboratory or report differs tenfold from another, and units that seem mistyped.</source>
      <translation>输出值以 ppm 为单位。'&lt;0.5'、负数和零表示低于检出限；-9999、N/A 和空单元格表示缺失。同一元素有两列时（Al 与 Al2O3、两种方法），使用实测值较多的一列。以其他编号重复的样品会被剔除。某一实验室或报告与另一家相差十倍的列，以及看似写错的单位，会有警告指出。</translation>
    </message>
    <message>
      <source>Inverse distance works on the values, kriging on their logarithm with a variogram fitted for each element; leave-one-out errors tell how good it is. Cells far from any sample get no data.</source>
      <translation>反距离法直接处理数值；克里金法处理其对数，并为每个元素拟合变差函数；留一法误差说明其好坏。远离任何样品的单元没有数据。</translation>
    </message>
    <message>
      <source>Samples</source>
      <translation>样品</translation>
    </message>
    <message>
      <source>Table or point layer of assays: CSV, XLSX, GeoPackage, Shapefile, GeoJSON ...</source>
      <translation>分析结果的表格或点图层：CSV、XLSX、GeoPackage、Shapefile、GeoJSON ……</translation>
    </message>
    <message>
      <source>Element stack</source>
      <translation>元素数据栈</translation>
    </message>
    <message>
      <source>GeoTIFF to write, one band an element.</source>
      <translation>要写入的 GeoTIFF，每个元素一个波段。</translation>
    </message>
    <message>
      <source>Elements</source>
      <translation>元素</translation>
    </message>
    <message>
      <source>Elements or columns to grid, for example Au,As,Cu; by default every one recognised.</source>
      <translation>要网格化的元素或列，例如 Au,As,Cu；默认为所有识别出的列。</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>方法</translation>
    </message>
    <message>
      <source>idw: inverse distance weighting; kriging: ordinary kriging with a variogram fitted to each element; nearest: value of the nearest sample.</source>
      <translation>idw：反距离加权；kriging：普通克里金，为每个元素拟合变差函数；nearest：取最近样品的值。</translation>
    </message>
    <message>
      <source>Inverse distance weighting</source>
      <translation>反距离加权</translation>
    </message>
    <message>
      <source>Ordinary kriging</source>
      <translation>普通克里金</translation>
    </message>
    <message>
      <source>Nearest sample</source>
      <translation>最近的样品</translation>
    </message>
    <message>
      <source>Cell size</source>
      <translation>像元大小</translation>
    </message>
    <message>
      <source>Side of a cell; by default about a third of the median sample spacing.</source>
      <translation>单元的边长；默认约为样品间距中位数的三分之一。</translation>
    </message>
    <message>
      <source>m</source>
      <translation>米</translation>
    </message>
    <message>
      <source>CRS</source>
      <translation>坐标参考系</translation>
    </message>
    <message>
      <source>CRS of the stack; by default the samples' own, or the UTM zone of samples in degrees.</source>
      <translation>数据栈的坐标参考系；默认为样品自身的坐标系，样品为经纬度时则为其 UTM 带。</translation>
    </message>
    <message>
      <source>Reference grid</source>
      <translation>参考网格</translation>
    </message>
    <message>
      <source>Raster whose extent, cells and CRS the stack gets.</source>
      <translation>数据栈采用其范围、单元和坐标参考系的栅格。</translation>
    </message>
    <message>
      <source>Extent</source>
      <translation>范围</translation>
    </message>
    <message>
      <source>Extent of the stack in its CRS; by default that of the samples.</source>
      <translation>数据栈在其坐标参考系中的范围；默认为样品的范围。</translation>
    </message>
    <message>
      <source>Largest distance to a sample</source>
      <translation>到样品的最大距离</translation>
    </message>
    <message>
      <source>Cells further from the nearest sample get no data; by default the radius, or 3 times the spacing that 90 % of the samples keep.</source>
      <translation>距最近样品更远的单元没有数据；默认为搜索半径，或 90% 样品所保持间距的 3 倍。</translation>
    </message>
    <message>
      <source>Neighbours</source>
      <translation>邻近点数</translation>
    </message>
    <message>
      <source>Nearest samples used for a cell; by default 12, and 24 for kriging.</source>
      <translation>每个单元使用的最近样品数；默认为 12，克里金法为 24。</translation>
    </message>
    <message>
      <source>Search radius</source>
      <translation>搜索半径</translation>
    </message>
    <message>
      <source>Samples further away are not used; by default the nearest ones at any distance.</source>
      <translation>更远的样品不使用；默认使用任意距离内最近的样品。</translation>
    </message>
    <message>
      <source>Power</source>
      <translation>幂</translation>
    </message>
    <message>
      <source>Exponent of the distance in idw.</source>
      <translation>idw 中距离的指数。</translation>
    </message>
    <message>
      <source>Scale</source>
      <translation>尺度</translation>
    </message>
    <message>
      <source>raw: the values themselves; log: their logarithm, back as the median; clr: centred log-ratios, which the bands then hold. auto is raw, and log for kriging.</source>
      <translation>raw：原值；log：其对数，结果换算为中位数；clr：中心对数比，此时波段中存放的即为该值。auto 即 raw，克里金法则为 log。</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>自动</translation>
    </message>
    <message>
      <source>Values as they are</source>
      <translation>原值</translation>
    </message>
    <message>
      <source>Logarithm</source>
      <translation>对数</translation>
    </message>
    <message>
      <source>Centred log-ratios</source>
      <translation>中心对数比</translation>
    </message>
    <message>
      <source>Values below detection limits</source>
      <translation>低于检出限的值</translation>
    </message>
    <message>
      <source>What stands in for them: half the limit, limit / sqrt 2, multiplicative lognormal replacement, or regression on order statistics (ros).</source>
      <translation>用什么代替低于检出限的值：检出限的一半、检出限/根号 2、乘法对数正态替换，或次序统计量回归（ros）。</translation>
    </message>
    <message>
      <source>Half the limit</source>
      <translation>检出限的一半</translation>
    </message>
    <message>
      <source>Limit / sqrt 2</source>
      <translation>检出限 / 根号 2</translation>
    </message>
    <message>
      <source>Multiplicative lognormal replacement</source>
      <translation>乘法对数正态替换</translation>
    </message>
    <message>
      <source>Regression on order statistics</source>
      <translation>次序统计量回归</translation>
    </message>
    <message>
      <source>Largest share below limits</source>
      <translation>低于检出限的最大占比</translation>
    </message>
    <message>
      <source>Elements with a larger share of values below limits are left out.</source>
      <translation>低于检出限的值所占比例更大的元素会被剔除。</translation>
    </message>
    <message>
      <source>Missing codes</source>
      <translation>缺失代码</translation>
    </message>
    <message>
      <source>Comma list of further numbers that mean not analysed; -9999, -999, -99 and N/A are known.</source>
      <translation>表示未分析的其他数字，以逗号分隔；-9999、-999、-99 和 N/A 已知。</translation>
    </message>
    <message>
      <source>Samples at one place</source>
      <translation>同一位置的样品</translation>
    </message>
    <message>
      <source>average their values, take the first, or stop with an error.</source>
      <translation>取平均、取第一个，或报错停止。</translation>
    </message>
    <message>
      <source>Average them</source>
      <translation>取平均</translation>
    </message>
    <message>
      <source>Take the first</source>
      <translation>取第一个</translation>
    </message>
    <message>
      <source>Stop with an error</source>
      <translation>报错停止</translation>
    </message>
    <message>
      <source>Level groups of</source>
      <translation>分组调平列</translation>
    </message>
    <message>
      <source>Column (laboratory, report, method) whose groups are brought to one median.</source>
      <translation>其各组要调整到同一中位数的列（实验室、报告、方法）。</translation>
    </message>
    <message>
      <source>Oxides as elements</source>
      <translation>氧化物换算为元素</translation>
    </message>
    <message>
      <source>Turns oxides into their element: SiO2 times 0.4674 becomes Si.</source>
      <translation>将氧化物换算为元素：SiO2 乘以 0.4674 即为 Si。</translation>
    </message>
    <message>
      <source>Sample filter</source>
      <translation>样品筛选</translation>
    </message>
    <message>
      <source>OGR SQL condition that chooses the samples, for example "lab = 'A'".</source>
      <translation>选择样品的 OGR SQL 条件，例如 "lab = 'A'"。</translation>
    </message>
    <message>
      <source>Layer</source>
      <translation>图层</translation>
    </message>
    <message>
      <source>Layer of the file to read; by default the first.</source>
      <translation>要读取的文件图层；默认为第一个。</translation>
    </message>
    <message>
      <source>X column</source>
      <translation>X 列</translation>
    </message>
    <message>
      <source>Column of eastings or longitudes; by default found by name.</source>
      <translation>东坐标或经度列；默认按名称查找。</translation>
    </message>
    <message>
      <source>Y column</source>
      <translation>Y 列</translation>
    </message>
    <message>
      <source>Column of northings or latitudes; by default found by name.</source>
      <translation>北坐标或纬度列；默认按名称查找。</translation>
    </message>
    <message>
      <source>CRS of the samples</source>
      <translation>样品的坐标参考系</translation>
    </message>
    <message>
      <source>CRS of the coordinates where the file does not say it, or says it wrongly.</source>
      <translation>文件未说明或说明有误时，坐标所用的坐标参考系。</translation>
    </message>
    <message>
      <source>Column mapping</source>
      <translation>列映射</translation>
    </message>
    <message>
      <source>JSON file that says what columns are: {"columns": {"Au_ppm": {"element": "Au", "unit": "ppb"}, "X1": null}, "missing": [-5555]}.</source>
      <translation>说明各列含义的 JSON 文件：{"columns": {"Au_ppm": {"element": "Au", "unit": "ppb"}, "X1": null}, "missing": [-5555]}。</translation>
    </message>
    <message>
      <source>Direction of continuity</source>
      <translation>连续性方向</translation>
    </message>
    <message>
      <source>Strike along which values continue furthest, clockwise from north.</source>
      <translation>数值连续性最好的走向，从北顺时针计。</translation>
    </message>
    <message>
      <source>degrees</source>
      <translation>度</translation>
    </message>
    <message>
      <source>Range across / along</source>
      <translation>横向/纵向变程比</translation>
    </message>
    <message>
      <source>Anisotropy: 0.5 makes a sample across the strike count as twice as far.</source>
      <translation>各向异性：0.5 表示垂直于走向的样品按两倍距离计。</translation>
    </message>
    <message>
      <source>Fewest neighbours</source>
      <translation>最少邻近点数</translation>
    </message>
    <message>
      <source>Cells with fewer samples within the radius get no data.</source>
      <translation>半径内样品更少的单元没有数据。</translation>
    </message>
    <message>
      <source>Variogram model</source>
      <translation>变异函数模型</translation>
    </message>
    <message>
      <source>Model fitted by weighted least squares; auto takes the one that fits best.</source>
      <translation>用加权最小二乘拟合的模型；auto 取拟合最好的一个。</translation>
    </message>
    <message>
      <source>Best of all</source>
      <translation>其中最好的</translation>
    </message>
    <message>
      <source>Spherical</source>
      <translation>球状</translation>
    </message>
    <message>
      <source>Exponential</source>
      <translation>指数</translation>
    </message>
    <message>
      <source>Gaussian</source>
      <translation>高斯</translation>
    </message>
    <message>
      <source>Matern 3/2</source>
      <translation>Matern 3/2</translation>
    </message>
    <message>
      <source>Variogram cutoff</source>
      <translation>变异函数截断距离</translation>
    </message>
    <message>
      <source>Longest pair used for the variogram; by default a third of the extent's diagonal.</source>
      <translation>变差函数所用点对的最大距离；默认为范围对角线的三分之一。</translation>
    </message>
    <message>
      <source>Given variogram</source>
      <translation>给定的变异函数</translation>
    </message>
    <message>
      <source>Instead of fitting: model,nugget,sill,range on the scale used, for example exponential,0.1,0.9,1500.</source>
      <translation>不拟合而直接给定：模型，块金，基台，变程（按所用尺度），例如 exponential,0.1,0.9,1500。</translation>
    </message>
    <message>
      <source>Variance bands</source>
      <translation>方差波段</translation>
    </message>
    <message>
      <source>Adds the kriging variance of every element as a band.</source>
      <translation>将每个元素的克里金方差添加为一个波段。</translation>
    </message>
    <message>
      <source>Distance band</source>
      <translation>距离波段</translation>
    </message>
    <message>
      <source>Adds the distance to the nearest sample as a band: surveys are denser near known deposits, and this shows where.</source>
      <translation>将到最近样品的距离添加为一个波段：已知矿床附近采样更密，由此可以看出位置。</translation>
    </message>
    <message>
      <source>Leave-one-out errors</source>
      <translation>留一法误差</translation>
    </message>
    <message>
      <source>Reports leave-one-out errors for every method; kriging always does.</source>
      <translation>对所有方法报告留一法误差；克里金法总会报告。</translation>
    </message>
    <message>
      <source>One file an element</source>
      <translation>每个元素一个文件</translation>
    </message>
    <message>
      <source>Writes OUT_Au.tif, OUT_As.tif ... instead of one stack.</source>
      <translation>写出 OUT_Au.tif、OUT_As.tif …… 而不是一个数据栈。</translation>
    </message>
    <message>
      <source>Only show what is understood</source>
      <translation>仅显示识别结果</translation>
    </message>
    <message>
      <source>Stops after the table of columns, units and warnings.</source>
      <translation>在列、单位和警告的表格之后停止。</translation>
    </message>
    <message>
      <source>Threads</source>
      <translation>线程数</translation>
    </message>
    <message>
      <source>Threads to use; 0 means all processors. The result does not depend on it.</source>
      <translation>使用的线程数；0 表示全部处理器。结果与此无关。</translation>
    </message>
    <message>
      <source>Stack rasters on one grid</source>
      <translation>将栅格叠置到同一网格</translation>
    </message>
    <message>
      <source>Brings rasters and vector layers on any grids to one aligned stack.</source>
      <translation>把任意网格上的栅格和矢量图层统一到一个对齐的数据栈。</translation>
    </message>
    <message>
      <source>Element grids, geophysics and geology seldom share a grid. This tool brings every band to one: cells are copied where they agree, interpolated where they are shifted or finer, averaged where the output is coarser, and warped where the CRS differs. What was done to each band is told.</source>
      <translation>元素网格、地球物理和地质资料很少处于同一网格。本工具把每个波段统一到一个网格：单元一致处复制，错位或更细处插值，输出更粗处取平均，坐标参考系不同处重投影。对每个波段做了什么都会说明。</translation>
    </message>
    <message>
      <source>Missing values of every kind (declared no data, NaN, masks) become no data of one value, -9999. A constant that looks like undeclared no data is reported, and removed with --nodata.</source>
      <translation>各种缺失值（已声明的无数据、NaN、掩膜）都变为同一个无数据值 -9999。看似未声明无数据的常数会被报告，并可用 --nodata 去除。</translation>
    </message>
    <message>
      <source>Class maps named in --categories are never averaged as numbers. Vector layers become presence, distance or density.</source>
      <translation>--categories 中列出的类别图绝不按数值平均。矢量图层变为存在、距离或密度。</translation>
    </message>
    <message>
      <source>Rasters</source>
      <translation>栅格</translation>
    </message>
    <message>
      <source>Rasters of any grid, CRS and data type; every band becomes a band of the stack.</source>
      <translation>任意网格、坐标参考系和数据类型的栅格；每个波段都成为数据栈的一个波段。</translation>
    </message>
    <message>
      <source>Aligned stack</source>
      <translation>对齐的数据栈</translation>
    </message>
    <message>
      <source>GeoTIFF to write. A name in .vrt makes a file that refers to the inputs, where they already share the grid.</source>
      <translation>要写入的 GeoTIFF。名称以 .vrt 结尾时，若输入已在同一网格上，则写出引用输入的文件。</translation>
    </message>
    <message>
      <source>Raster whose extent, cells and CRS the stack gets; by default the first raster.</source>
      <translation>数据栈采用其范围、单元和坐标参考系的栅格；默认为第一个栅格。</translation>
    </message>
    <message>
      <source>Extent of the stack in its CRS, instead of the reference grid's.</source>
      <translation>数据栈在其坐标参考系中的范围，代替参考网格的范围。</translation>
    </message>
    <message>
      <source>Side of a cell, instead of the reference grid's.</source>
      <translation>单元的边长，代替参考网格的边长。</translation>
    </message>
    <message>
      <source>CRS of the stack, instead of the reference grid's.</source>
      <translation>数据栈的坐标参考系，代替参考网格的坐标参考系。</translation>
    </message>
    <message>
      <source>Resampling</source>
      <translation>重采样</translation>
    </message>
    <message>
      <source>How continuous bands are brought to the grid. auto copies where cells agree, averages where the output is more than twice as coarse, and is bilinear otherwise.</source>
      <translation>连续波段如何统一到网格。auto 在单元一致时复制，输出粗两倍以上时取平均，其余情况用双线性。</translation>
    </message>
    <message>
      <source>Nearest cell</source>
      <translation>最近的单元</translation>
    </message>
    <message>
      <source>Bilinear</source>
      <translation>双线性</translation>
    </message>
    <message>
      <source>Cubic</source>
      <translation>三次卷积</translation>
    </message>
    <message>
      <source>Average</source>
      <translation>平均</translation>
    </message>
    <message>
      <source>Most frequent value</source>
      <translation>最常见的值</translation>
    </message>
    <message>
      <source>Category bands</source>
      <translation>分类波段</translation>
    </message>
    <message>
      <source>Comma list of bands that hold classes (rock units), which must not be averaged.</source>
      <translation>存放类别（岩石单位）、不得取平均的波段，以逗号分隔。</translation>
    </message>
    <message>
      <source>Categories as</source>
      <translation>分类的表示方式</translation>
    </message>
    <message>
      <source>onehot: a band for every class with its share of the cell; distance: a band for every class with the distance to it in metres; code: the class number itself.</source>
      <translation>onehot：每个类别一个波段，为其占单元的比例；distance：每个类别一个波段，为到它的距离（米）；code：类别编号本身。</translation>
    </message>
    <message>
      <source>Share of each class</source>
      <translation>各类别所占比例</translation>
    </message>
    <message>
      <source>Distance to each class</source>
      <translation>到各类别的距离</translation>
    </message>
    <message>
      <source>Class number</source>
      <translation>类别编号</translation>
    </message>
    <message>
      <source>Further no-data values</source>
      <translation>其他无数据值</translation>
    </message>
    <message>
      <source>A value that means no data though the file does not say so: -9999 for all bands, Granite=0 for one. May be repeated.</source>
      <translation>文件未声明但表示无数据的值：-9999 用于所有波段，Granite=0 用于一个波段。可重复给出。</translation>
    </message>
    <message>
      <source>Vector layers</source>
      <translation>矢量图层</translation>
    </message>
    <message>
      <source>Faults, contacts, outcrops to add as bands: a dataset or dataset|layername=NAME. May be repeated.</source>
      <translation>作为波段添加的断层、接触带、露头：数据集或 数据集|layername=名称。可重复给出。</translation>
    </message>
    <message>
      <source>Vector layers as</source>
      <translation>矢量图层的表示方式</translation>
    </message>
    <message>
      <source>presence: 1 where a feature touches the cell; distance: metres to the nearest feature; density: km of line, points, or share of area per square kilometre.</source>
      <translation>presence：要素触及的单元为 1;distance：到最近要素的米数；density：每平方千米内线的千米数、点数或面积比例。</translation>
    </message>
    <message>
      <source>Presence</source>
      <translation>存在</translation>
    </message>
    <message>
      <source>Distance</source>
      <translation>距离</translation>
    </message>
    <message>
      <source>Density</source>
      <translation>密度</translation>
    </message>
    <message>
      <source>Vector filter</source>
      <translation>矢量筛选</translation>
    </message>
    <message>
      <source>OGR SQL condition that chooses the features, for example "type = 'thrust'".</source>
      <translation>选择要素的 OGR SQL 条件，例如 "type = 'thrust'"。</translation>
    </message>
    <message>
      <source>Density radius</source>
      <translation>密度半径</translation>
    </message>
    <message>
      <source>Radius of the circle in which density is counted; by default 5 cells.</source>
      <translation>统计密度的圆的半径；默认为 5 个单元。</translation>
    </message>
    <message>
      <source>Transform a stack or a table</source>
      <translation>变换数据栈或表格</translation>
    </message>
    <message>
      <source>Closure, log-ratios (clr, alr, ilr), robust z-scores and winsorising, and back.</source>
      <translation>闭合、对数比（clr、alr、ilr）、稳健 z 分数和缩尾处理，以及逆变换。</translation>
    </message>
    <message>
      <source>Amounts of elements are parts of a whole, so differences and distances between them mean something only as ratios. clr divides by the geometric mean of the parts present, alr by one part, ilr gives orthogonal balances.</source>
      <translation>元素含量是整体的组成部分，因此它们之间的差值和距离只有作为比值才有意义。clr 除以现有组分的几何平均，alr 除以某一组分，ilr 给出正交的平衡坐标。</translation>
    </message>
    <message>
      <source>A zero or negative value counts as below its detection limit and is replaced by half the smallest positive value of its part; a missing part stays missing and is left out of the mean.</source>
      <translation>零或负值视为低于检出限，用该组分最小正值的一半代替；缺失的组分仍为缺失，不参与平均。</translation>
    </message>
    <message>
      <source>Every transform but closure and winsor can be undone with --inverse. Models carry their own transform; this tool is for looking at the data and for other programs.</source>
      <translation>除 closure 和 winsor 外，每种变换都可用 --inverse 还原。模型自带其变换；本工具用于查看数据和供其他程序使用。</translation>
    </message>
    <message>
      <source>Stack or table</source>
      <translation>数据栈或表格</translation>
    </message>
    <message>
      <source>Raster stack, or table of samples (CSV, GeoPackage ...).</source>
      <translation>栅格数据栈，或样品表（CSV、GeoPackage ……）。</translation>
    </message>
    <message>
      <source>Transformed stack or table</source>
      <translation>变换后的数据栈或表格</translation>
    </message>
    <message>
      <source>A .tif for a stack; a .csv or .gpkg for a table, which keeps its columns and gets the new ones.</source>
      <translation>数据栈用 .tif；表格用 .csv 或 .gpkg，保留原有列并增加新列。</translation>
    </message>
    <message>
      <source>Transform</source>
      <translation>变换</translation>
    </message>
    <message>
      <source>closure: parts sum to --total; clr, alr, ilr: log-ratios; zscore: (x - median) / (1.4826 MAD); winsor: values beyond two percentiles are set to them.</source>
      <translation>closure：各组分之和为 --total;clr、alr、ilr：对数比；zscore:（x - 中位数） / （1.4826 MAD）;winsor：超出两个百分位的值取为该百分位值。</translation>
    </message>
    <message>
      <source>Closure</source>
      <translation>闭合</translation>
    </message>
    <message>
      <source>Additive log-ratios</source>
      <translation>加性对数比</translation>
    </message>
    <message>
      <source>Isometric log-ratios</source>
      <translation>等距对数比</translation>
    </message>
    <message>
      <source>Robust z-scores</source>
      <translation>稳健 z 分数</translation>
    </message>
    <message>
      <source>Winsorising</source>
      <translation>缩尾处理</translation>
    </message>
    <message>
      <source>Bands or columns</source>
      <translation>波段或列</translation>
    </message>
    <message>
      <source>Comma list of what takes part; by default all elements for closure and log-ratios, and everything for zscore and winsor. Other bands are copied.</source>
      <translation>参与变换的内容，以逗号分隔；闭合与对数比默认为所有元素，zscore 和 winsor 默认为全部。其他波段照原样复制。</translation>
    </message>
    <message>
      <source>Inverse</source>
      <translation>逆变换</translation>
    </message>
    <message>
      <source>Undoes clr, alr, ilr (to parts that sum to --total) or zscore.</source>
      <translation>还原 clr、alr、ilr（得到总和为 --total 的组分）或 zscore。</translation>
    </message>
    <message>
      <source>Sum of the parts</source>
      <translation>各组分之和</translation>
    </message>
    <message>
      <source>1000000 for ppm, 100 for per cent.</source>
      <translation>ppm 为 1000000，百分数为 100。</translation>
    </message>
    <message>
      <source>Reference part of alr</source>
      <translation>alr 的参考组分</translation>
    </message>
    <message>
      <source>Part that divides the others; by default the last.</source>
      <translation>用作除数的组分；默认为最后一个。</translation>
    </message>
    <message>
      <source>Partition of ilr</source>
      <translation>ilr 的划分</translation>
    </message>
    <message>
      <source>Text file with a row of +1, -1 and 0 for every balance (sequential binary partition); by default pivot coordinates, the first part against the rest and so on.</source>
      <translation>文本文件，每个平衡坐标一行 +1、-1 和 0（顺序二分）；默认为枢轴坐标：第一个组分对其余，依此类推。</translation>
    </message>
    <message>
      <source>Parts of an inverse</source>
      <translation>逆变换的组分</translation>
    </message>
    <message>
      <source>Comma list of the parts' names, in order, where the input does not say them.</source>
      <translation>输入未说明时，按顺序给出的组分名称，以逗号分隔。</translation>
    </message>
    <message>
      <source>Lower percentile</source>
      <translation>下百分位</translation>
    </message>
    <message>
      <source>For winsor.</source>
      <translation>用于 winsor。</translation>
    </message>
    <message>
      <source>%</source>
      <translation>%</translation>
    </message>
    <message>
      <source>Upper percentile</source>
      <translation>上百分位</translation>
    </message>
    <message>
      <source>2 Learn</source>
      <translation>2 学习</translation>
    </message>
    <message>
      <source>Pretrain an encoder</source>
      <translation>预训练编码器</translation>
    </message>
    <message>
      <source>Learn an encoder of places from the stack alone, without any deposit.</source>
      <translation>仅从数据栈学习位置的编码器，不需要任何矿床。</translation>
    </message>
    <message>
      <source>Looks at many places twice, each time changed in ways that do not change the geology (some elements missing, offsets, noise, turned, a little aside), and learns to give both views of a place similar numbers and other places different ones. The result is an encoder: a short list of numbers, the embedding, for the square window around every cell. 'lode fit' then needs only a few known deposits.</source>
      <translation>对许多地点各看两次，每次都作不改变地质含义的改动（缺少某些元素、偏移、噪声、旋转、稍微移位），并学会使同一地点的两个视图得到相近的数、不同地点得到不同的数。结果是一个编码器：为每个单元周围的方形窗口给出一小串数，即嵌入。此后 'lode fit' 只需要少量已知矿床。</translation>
    </message>
    <message>
      <source>The model file holds the preprocessing, the encoder and how it was made. The same seed, data and options give the same file with any number of threads.</source>
      <translation>模型文件包含预处理、编码器及其制作过程。相同的种子、数据和选项，无论多少线程，都得到同样的文件。</translation>
    </message>
    <message>
      <source>With --checkpoint, a training that was interrupted continues where it was.</source>
      <translation>使用 --checkpoint 时，中断的训练会从中断处继续。</translation>
    </message>
    <message>
      <source>Under mpirun the processes share every step and the model is the same, bit for bit with the dense encoder.</source>
      <translation>在 mpirun 下，各进程分担每一步，模型相同；使用稠密编码器时逐位相同。</translation>
    </message>
    <message>
      <source>Raster stack</source>
      <translation>栅格数据栈</translation>
    </message>
    <message>
      <source>Aligned multi-band raster, one band an element or layer; several files on one grid may be given. Made by 'lode grid' or 'lode stack'.</source>
      <translation>对齐的多波段栅格，每个元素或图层一个波段；可给出同一网格上的多个文件。由 'lode grid' 或 'lode stack' 生成。</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>模型</translation>
    </message>
    <message>
      <source>Model file to write.</source>
      <translation>要写入的模型文件。</translation>
    </message>
    <message>
      <source>Bands</source>
      <translation>波段</translation>
    </message>
    <message>
      <source>Comma list of the stack's bands to use. Default: all.</source>
      <translation>要使用的数据栈波段，以逗号分隔。默认：全部。</translation>
    </message>
    <message>
      <source>Transform of element bands</source>
      <translation>元素波段的变换</translation>
    </message>
    <message>
      <source>Centred or isometric log-ratio, logarithm, or none. Other bands are only scaled.</source>
      <translation>中心或等距对数比、对数，或不变换。其他波段只作缩放。</translation>
    </message>
    <message>
      <source>None</source>
      <translation>无</translation>
    </message>
    <message>
      <source>Encoder</source>
      <translation>编码器</translation>
    </message>
    <message>
      <source>The dense encoder makes a map in one pass; the others look at each window alone.</source>
      <translation>稠密编码器一遍就能成图；其他编码器逐个窗口计算。</translation>
    </message>
    <message>
      <source>Dense</source>
      <translation>稠密</translation>
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
      <translation>窗口</translation>
    </message>
    <message>
      <source>Side of the square around a place that decides its embedding, an odd number. Default: 33.</source>
      <translation>决定一个地点之嵌入的周围方形的边长，为奇数。默认：33。</translation>
    </message>
    <message>
      <source>cells</source>
      <translation>像元</translation>
    </message>
    <message>
      <source>Objective</source>
      <translation>目标函数</translation>
    </message>
    <message>
      <source>SimCLR compares the places of a step with each other, MoCo v2 with a queue of earlier ones, BYOL predicts one view from the other.</source>
      <translation>SimCLR 把一步中的地点相互比较，MoCo v2 与先前地点的队列比较，BYOL 由一个视图预测另一个。</translation>
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
      <translation>训练步数</translation>
    </message>
    <message>
      <source>Steps of the optimiser.</source>
      <translation>优化器的步数。</translation>
    </message>
    <message>
      <source>steps</source>
      <translation>步</translation>
    </message>
    <message>
      <source>Temperature</source>
      <translation>温度</translation>
    </message>
    <message>
      <source>Softness of the comparison. Default: 0.5 for SimCLR, 0.2 for MoCo.</source>
      <translation>比较的柔和程度。默认：SimCLR 为 0.5,MoCo 为 0.2。</translation>
    </message>
    <message>
      <source>Width</source>
      <translation>宽度</translation>
    </message>
    <message>
      <source>Channels inside the dense encoder, a multiple of 16. Default: 32.</source>
      <translation>稠密编码器内部的通道数，为 16 的倍数。默认：32。</translation>
    </message>
    <message>
      <source>Depth</source>
      <translation>深度</translation>
    </message>
    <message>
      <source>3 x 3 convolutions of the dense encoder. Default: the fewest that cover the window.</source>
      <translation>稠密编码器的 3 x 3 卷积层数。默认：覆盖窗口所需的最少层数。</translation>
    </message>
    <message>
      <source>Scales</source>
      <translation>尺度</translation>
    </message>
    <message>
      <source>Layers of the dense encoder that the embedding reads, from the last back: 1 = the whole surroundings only. Default: all, down to the place itself.</source>
      <translation>嵌入所读取的稠密编码器层数，从最后一层往回数：1 = 只看整个周围。默认：全部，直到地点本身。</translation>
    </message>
    <message>
      <source>Context</source>
      <translation>上下文</translation>
    </message>
    <message>
      <source>The dense encoder also sees block means of the surroundings: 1 at 2 times the cell size, 2 at 2 and 4 times, 3 at 2, 4 and 8 times. Default: 0.</source>
      <translation>稠密编码器还看到周围的分块平均：1 为单元大小的 2 倍，2 为 2 和 4 倍，3 为 2、4 和 8 倍。默认：0。</translation>
    </message>
    <message>
      <source>Embedding length</source>
      <translation>嵌入长度</translation>
    </message>
    <message>
      <source>Numbers in the embedding of a place, a multiple of 16. Default: 64.</source>
      <translation>一个地点的嵌入所含的数的个数，为 16 的倍数。默认：64。</translation>
    </message>
    <message>
      <source>Tiles in a step</source>
      <translation>每步的图块数</translation>
    </message>
    <message>
      <source>Tiles of the stack that the dense encoder sees in a step.</source>
      <translation>稠密编码器在一步中看到的数据栈图块数。</translation>
    </message>
    <message>
      <source>Anchors</source>
      <translation>锚点数</translation>
    </message>
    <message>
      <source>Places drawn from each tile of the dense encoder, or windows in a step of the others.</source>
      <translation>从稠密编码器每个图块中抽取的地点数，或其他编码器一步中的窗口数。</translation>
    </message>
    <message>
      <source>Learning rate</source>
      <translation>学习率</translation>
    </message>
    <message>
      <source>Peak step size of AdamW, reached after a tenth of the steps and lowered by a cosine. Default: 0.003 for the dense encoder, 0.001 for the others.</source>
      <translation>AdamW 的最大步长，在前十分之一步数后达到，随后按余弦下降。默认：稠密编码器为 0.003，其他为 0.001。</translation>
    </message>
    <message>
      <source>Encoders of different seeds</source>
      <translation>不同种子的编码器</translation>
    </message>
    <message>
      <source>Trains this many dense encoders, from seed, seed + 1 ...; the head reads all of them, and the uncertainty includes what depends on the seed. Takes as many times longer.</source>
      <translation>训练这么多个稠密编码器，种子依次为 seed、seed + 1 ……；预测头读取全部编码器，不确定性因此包含随种子变化的部分。耗时相应成倍增加。</translation>
    </message>
    <message>
      <source>Views: channel dropout</source>
      <translation>视图：通道丢弃</translation>
    </message>
    <message>
      <source>Probability that a view lacks a channel.</source>
      <translation>视图缺少某个通道的概率。</translation>
    </message>
    <message>
      <source>Views: perturbation</source>
      <translation>视图：扰动</translation>
    </message>
    <message>
      <source>Standard deviation of the offset that a view gives each scaled channel.</source>
      <translation>视图给每个缩放后通道的偏移的标准差。</translation>
    </message>
    <message>
      <source>Views: noise</source>
      <translation>视图：噪声</translation>
    </message>
    <message>
      <source>Standard deviation of the noise of each scaled value.</source>
      <translation>每个缩放后数值的噪声的标准差。</translation>
    </message>
    <message>
      <source>Views: jitter</source>
      <translation>视图：抖动</translation>
    </message>
    <message>
      <source>The second view is centred up to this many cells away.</source>
      <translation>第二个视图的中心最多偏移这么多单元。</translation>
    </message>
    <message>
      <source>Views: rotate and mirror</source>
      <translation>视图：旋转和镜像</translation>
    </message>
    <message>
      <source>NO where direction matters, for example along one structural trend.</source>
      <translation>方向有意义时选"否"，例如沿单一构造走向。</translation>
    </message>
    <message>
      <source>Weight averaging</source>
      <translation>权重平均</translation>
    </message>
    <message>
      <source>Use an exponential moving average of the weights, keeping this share of it in every step, for example 0.95. 0 uses the last weights.</source>
      <translation>使用权重的指数滑动平均，每步保留其中的这一比例，例如 0.95。0 表示使用最后的权重。</translation>
    </message>
    <message>
      <source>Checkpoint</source>
      <translation>检查点</translation>
    </message>
    <message>
      <source>File that the state of the training is written to now and then. When it exists, the training continues from it to the same model.</source>
      <translation>不时写入训练状态的文件。若该文件已存在，训练从它继续，得到同样的模型。</translation>
    </message>
    <message>
      <source>Random seed</source>
      <translation>随机种子</translation>
    </message>
    <message>
      <source>Same seed and inputs give the same result.</source>
      <translation>相同的种子和输入得到相同的结果。</translation>
    </message>
    <message>
      <source>Fit a head on known deposits</source>
      <translation>用已知矿床拟合头部</translation>
    </message>
    <message>
      <source>Fit a small head on known deposits to a pretrained encoder.</source>
      <translation>用已知矿床为预训练编码器拟合一个小型头部。</translation>
    </message>
    <message>
      <source>Reads the known deposits, draws background places outside a buffer around them, and fits a bagged ridge logistic regression. What the head sees (the bands at the place, the bands averaged around it, the embedding, or several of them) and its strength are chosen by validation in spatial blocks inside the training data, unless --inputs and --strength say otherwise.</source>
      <translation>读取已知矿床，在其周围缓冲区之外抽取背景地点，并拟合装袋的岭逻辑回归。预测头看到什么（该地点的波段、周围平均的波段、嵌入，或其中几种）以及正则强度，由训练数据内部的空间分块验证选择，除非用 --inputs 和 --strength 指定。</translation>
    </message>
    <message>
      <source>The score is calibrated on held-out blocks for equal shares of deposits and background: 0.5 means as much like a deposit as like background.</source>
      <translation>得分在留出的分块上校准，按矿床与背景各占一半计：0.5 表示像矿床与像背景的程度相同。</translation>
    </message>
    <message>
      <source>Pretrained model</source>
      <translation>预训练模型</translation>
    </message>
    <message>
      <source>Model file made by 'lode pretrain'.</source>
      <translation>由 'lode pretrain' 生成的模型文件。</translation>
    </message>
    <message>
      <source>Known deposits</source>
      <translation>已知矿床</translation>
    </message>
    <message>
      <source>Point layer of known deposits or occurrences, in any CRS.</source>
      <translation>已知矿床或矿点的点图层，坐标参考系不限。</translation>
    </message>
    <message>
      <source>Model with head</source>
      <translation>带头部的模型</translation>
    </message>
    <message>
      <source>Deposit filter</source>
      <translation>矿床筛选</translation>
    </message>
    <message>
      <source>OGR SQL condition that chooses the deposits to use, for example "commodity = 'Gold'".</source>
      <translation>选择所用矿床的 OGR SQL 条件，例如 "commodity = 'Gold'"。</translation>
    </message>
    <message>
      <source>Exclusion around deposits</source>
      <translation>矿床周围的排除距离</translation>
    </message>
    <message>
      <source>Background is drawn outside this distance from every deposit. Default: two cells.</source>
      <translation>背景取自距每个矿床这一距离之外。默认：两个单元。</translation>
    </message>
    <message>
      <source>Background places</source>
      <translation>背景点数</translation>
    </message>
    <message>
      <source>Number of background places drawn at random.</source>
      <translation>随机抽取的背景地点数。</translation>
    </message>
    <message>
      <source>Side of validation blocks</source>
      <translation>验证区块的边长</translation>
    </message>
    <message>
      <source>Side of the spatial blocks that validation keeps together. Default: from the spacing of the deposits, never smaller than the window.</source>
      <translation>验证时保持在一起的空间分块的边长。默认：由矿床间距得出，绝不小于窗口。</translation>
    </message>
    <message>
      <source>Inputs of the head</source>
      <translation>头部的输入</translation>
    </message>
    <message>
      <source>What the head sees of a place. Without it, inner validation chooses.</source>
      <translation>预测头看到一个地点的什么。不指定时由内部验证选择。</translation>
    </message>
    <message>
      <source>Smoothed bands</source>
      <translation>平滑后的波段</translation>
    </message>
    <message>
      <source>Embedding</source>
      <translation>嵌入</translation>
    </message>
    <message>
      <source>Ridge strength</source>
      <translation>岭强度</translation>
    </message>
    <message>
      <source>Penalty on squared weights of standardised inputs. Without it, inner validation chooses.</source>
      <translation>对标准化输入的权重平方的惩罚。不指定时由内部验证选择。</translation>
    </message>
    <message>
      <source>Smoothing radius</source>
      <translation>平滑半径</translation>
    </message>
    <message>
      <source>Half side of the square over which bands are averaged for the input 'smooth'.</source>
      <translation>为输入 'smooth' 平均波段的方形的半边长。</translation>
    </message>
    <message>
      <source>Members of the head</source>
      <translation>头部成员数</translation>
    </message>
    <message>
      <source>Heads fitted to bootstrap draws; their spread is the uncertainty.</source>
      <translation>对自助抽样拟合的预测头数；其离散程度即为不确定性。</translation>
    </message>
    <message>
      <source>Train a network on known deposits</source>
      <translation>用已知矿床训练网络</translation>
    </message>
    <message>
      <source>Train ResNet-50, MobileNetV2 or the dense encoder end to end on known deposits.</source>
      <translation>用已知矿床端到端训练 ResNet-50、MobileNetV2 或稠密编码器。</translation>
    </message>
    <message>
      <source>Supervised training, the usual way to use these networks: windows around known deposits against windows around background places, in batches that hold as many of each, augmented like the views of 'lode pretrain'. A fifth of the spatial blocks is held out; the weights of the best look at them are kept, and the score is calibrated on them. With --checkpoint, a training that was interrupted continues where it was.</source>
      <translation>监督训练，即使用这类网络的通常方式：已知矿床周围的窗口对背景地点周围的窗口，每批两者数量相同，并像 'lode pretrain' 的视图那样增广。留出五分之一的空间分块；保留在其上表现最好时的权重，并在其上校准得分。使用 --checkpoint 时，中断的训练会从中断处继续。</translation>
    </message>
    <message>
      <source>With few deposits such networks learn them by heart. 'lode pretrain' followed by 'lode fit' is made for that case; 'lode validate --methods contrastive,mobilenetv2' compares both on the same folds.</source>
      <translation>矿床很少时，这类网络会把它们死记下来。'lode pretrain' 之后接 'lode fit' 正是为这种情况准备的；'lode validate --methods contrastive,mobilenetv2' 在相同的折上比较两者。</translation>
    </message>
    <message>
      <source>Network</source>
      <translation>网络</translation>
    </message>
    <message>
      <source>Network to train: the dense encoder, ResNet-50 or MobileNetV2.</source>
      <translation>要训练的网络：稠密编码器、ResNet-50 或 MobileNetV2。</translation>
    </message>
    <message>
      <source>Stem</source>
      <translation>首层</translation>
    </message>
    <message>
      <source>First layers of ResNet-50 and MobileNetV2: as published for images of 224 x 224, or without the first two downsampling steps, which is slower and sees more of a small window.</source>
      <translation>ResNet-50 和 MobileNetV2 的最初几层：按原文用于 224 x 224 的图像，或去掉前两次降采样，后者较慢，但能看到小窗口的更多细节。</translation>
    </message>
    <message>
      <source>As published</source>
      <translation>按原文</translation>
    </message>
    <message>
      <source>Less downsampling</source>
      <translation>较少降采样</translation>
    </message>
    <message>
      <source>Most steps of the optimiser; training stops earlier when held-out places no longer gain.</source>
      <translation>优化器的最多步数；留出地点不再改善时训练会提前停止。</translation>
    </message>
    <message>
      <source>Windows in a step</source>
      <translation>每步的窗口数</translation>
    </message>
    <message>
      <source>Half of them are deposits, half background. Even.</source>
      <translation>一半为矿床，一半为背景。须为偶数。</translation>
    </message>
    <message>
      <source>windows</source>
      <translation>窗口</translation>
    </message>
    <message>
      <source>Patience</source>
      <translation>耐心</translation>
    </message>
    <message>
      <source>Stop after this many looks at the held-out places (one every 10 steps) without a better loss. 0 never stops early.</source>
      <translation>对留出地点查看这么多次（每 10 步一次）而损失没有改善时停止。0 表示从不提前停止。</translation>
    </message>
    <message>
      <source>Peak step size of AdamW, reached after a tenth of the steps and lowered by a cosine.</source>
      <translation>AdamW 的最大步长，在前十分之一步数后达到，随后按余弦下降。</translation>
    </message>
    <message>
      <source>Weight decay</source>
      <translation>权重衰减</translation>
    </message>
    <message>
      <source>Decoupled weight decay of AdamW.</source>
      <translation>AdamW 的解耦权重衰减。</translation>
    </message>
    <message>
      <source>3 Map</source>
      <translation>3 制图</translation>
    </message>
    <message>
      <source>Predict prospectivity</source>
      <translation>预测远景</translation>
    </message>
    <message>
      <source>Apply a model to a stack and write the result as a raster.</source>
      <translation>将模型应用于数据栈并把结果写为栅格。</translation>
    </message>
    <message>
      <source>Writes score, uncertainty, percentile, anomaly, support or embedding bands of a model over a stack. Bands of the stack are matched by name; a stack that lacks one is refused. Cells without data stay nodata (-9999).</source>
      <translation>在数据栈上写出模型的得分、不确定性、百分位、异常、支持度或嵌入波段。数据栈的波段按名称匹配；缺少波段的数据栈会被拒绝。没有数据的单元仍为无数据（-9999）。</translation>
    </message>
    <message>
      <source>Under mpirun the processes share the map and the result is the same.</source>
      <translation>在 mpirun 下，各进程分担地图，结果相同。</translation>
    </message>
    <message>
      <source>Model file made by 'lode fit', 'lode train' or 'lode pretrain'.</source>
      <translation>由 'lode fit'、'lode train' 或 'lode pretrain' 生成的模型文件。</translation>
    </message>
    <message>
      <source>Prospectivity map</source>
      <translation>远景图</translation>
    </message>
    <message>
      <source>GeoTIFF to write; or, with the ending .vrt, a VRT over GeoTIFFs in the folder OUT_parts, of which a repeated call computes only those that are missing.</source>
      <translation>要写入的 GeoTIFF；若以 .vrt 结尾，则为文件夹 OUT_parts 中多个 GeoTIFF 的 VRT，重复调用时只计算缺少的部分。</translation>
    </message>
    <message>
      <source>Bands to write. Without it: score, uncertainty and percentile for a model with a head, the embedding for one without. uncertainty is the standard deviation of the score over the members of the head (models of 'lode train' have one member and no such band); percentile the share of the training area with a lower score; anomaly a label-free distance from the bulk of the survey; support tells how unlike the training area a place is (above 1: extrapolation).</source>
      <translation>要写入的波段。不指定时：有预测头的模型写出得分、不确定性和百分位，没有的写出嵌入。不确定性是得分在预测头各成员间的标准差（'lode train' 的模型只有一个成员，没有此波段）；百分位是训练区内得分更低部分的比例；异常是不用标签的、到测区主体的距离；支持度说明一个地点与训练区有多不同（大于 1：外推）。</translation>
    </message>
    <message>
      <source>Score</source>
      <translation>得分</translation>
    </message>
    <message>
      <source>Uncertainty</source>
      <translation>不确定性</translation>
    </message>
    <message>
      <source>Percentile</source>
      <translation>百分位</translation>
    </message>
    <message>
      <source>Anomaly</source>
      <translation>异常</translation>
    </message>
    <message>
      <source>Support</source>
      <translation>支持度</translation>
    </message>
    <message>
      <source>Smallest share of valid cells</source>
      <translation>有效像元的最小占比</translation>
    </message>
    <message>
      <source>Smallest share of the cells of a window that must have data for a result.</source>
      <translation>窗口中有数据的单元至少要占这一比例才给出结果。</translation>
    </message>
    <message>
      <source>Compression</source>
      <translation>压缩</translation>
    </message>
    <message>
      <source>Compression of the GeoTIFF. Zstandard is quick and small; programs of before 2018 read Deflate only; None is the quickest for embeddings, which hardly compress. Default: Zstandard, or Deflate for a Cloud Optimized GeoTIFF.</source>
      <translation>GeoTIFF 的压缩方式。Zstandard 速度快、文件小；2018 年以前的程序只能读取 Deflate；“无”对几乎无法压缩的嵌入最快。默认：Zstandard；云优化 GeoTIFF 用 Deflate。</translation>
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
      <translation>云优化 GeoTIFF</translation>
    </message>
    <message>
      <source>Writes OUT.tif as one Cloud Optimized GeoTIFF with overviews, from parts that are then deleted.</source>
      <translation>把 OUT.tif 写成一个带金字塔的云优化 GeoTIFF，由随后删除的各部分生成。</translation>
    </message>
    <message>
      <source>Share of the parts</source>
      <translation>部分的份额</translation>
    </message>
    <message>
      <source>K/N computes only the K-th of N shares of the parts in OUT_parts, for array jobs; the same call without it completes the map.</source>
      <translation>K/N 只计算 OUT_parts 中 N 份里的第 K 份，用于阵列作业；不带它的同样调用完成地图。</translation>
    </message>
    <message>
      <source>View for GDAL programs</source>
      <translation>供 GDAL 程序使用的视图</translation>
    </message>
    <message>
      <source>Describe a map in a small file that GDAL programs and QGIS read as a raster.</source>
      <translation>用一个小文件描述地图，GDAL 程序和 QGIS 将其作为栅格读取。</translation>
    </message>
    <message>
      <source>Writes a view: name.lodeview shows a model over a stack, computed where it is read; name.vrt shows the model's score as a function of its embedding bands.</source>
      <translation>写出一个视图：name.lodeview 显示数据栈上的模型，读取时才计算；name.vrt 把模型的得分显示为其嵌入波段的函数。</translation>
    </message>
    <message>
      <source>With --transform the stack alone is shown transformed, with --overlay combined by fuzzy logic or weights of evidence. Nothing is computed now. Files are named relative to the view, so a folder with all of them can be moved.</source>
      <translation>使用 --transform 时只显示变换后的数据栈，使用 --overlay 时按模糊逻辑或证据权组合。此时不作任何计算。文件以相对于视图的名称记录，因此可以移动包含全部文件的文件夹。</translation>
    </message>
    <message>
      <source>Reading a view needs the GDAL plugin gdal_LODE, in GDAL's plugin folder or in the folder named by GDAL_DRIVER_PATH.</source>
      <translation>读取视图需要 GDAL 插件 gdal_LODE，位于 GDAL 的插件文件夹或 GDAL_DRIVER_PATH 指定的文件夹。</translation>
    </message>
    <message>
      <source>Model file; leave it out with --transform and --overlay.</source>
      <translation>模型文件；使用 --transform 和 --overlay 时省略。</translation>
    </message>
    <message>
      <source>View</source>
      <translation>视图</translation>
    </message>
    <message>
      <source>name.lodeview for the model's bands, or name.vrt for bands computed by pixel functions.</source>
      <translation>name.lodeview 用于模型的波段，name.vrt 用于由像元函数计算的波段。</translation>
    </message>
    <message>
      <source>Bands of the .lodeview. Without it: score, uncertainty and percentile for a model with a head, the embedding for one without.</source>
      <translation>.lodeview 的波段。不指定时：有预测头的模型为得分、不确定性和百分位，没有的为嵌入。</translation>
    </message>
    <message>
      <source>Write a transform of the stack: centred or isometric log-ratios of its elements, or robust z-scores of all bands.</source>
      <translation>写出数据栈的变换：其元素的中心或等距对数比，或所有波段的稳健 z 分数。</translation>
    </message>
    <message>
      <source>Overlay description</source>
      <translation>叠加说明文件</translation>
    </message>
    <message>
      <source>JSON file that describes a fuzzy-logic or weights-of-evidence map of the stack.</source>
      <translation>描述数据栈的模糊逻辑或证据权图的 JSON 文件。</translation>
    </message>
    <message>
      <source>4 Judge</source>
      <translation>4 评价</translation>
    </message>
    <message>
      <source>Evaluate a raster</source>
      <translation>评价栅格</translation>
    </message>
    <message>
      <source>Count how many deposits a finished raster finds.</source>
      <translation>统计一幅成品栅格发现了多少矿床。</translation>
    </message>
    <message>
      <source>For every band, measures how well high values point at the deposits: the area under the success-rate curve (AUC) and the share of deposits in the best 5, 10 and 20 % of the area, against every cell with data.</source>
      <translation>对每个波段，衡量高值指向矿床的程度：成功率曲线下面积（AUC），以及最好的 5%、10% 和 20% 面积内矿床的比例，与所有有数据的单元相比。</translation>
    </message>
    <message>
      <source>The deposits must have had no part in making the raster: discoveries made after it, or sites kept back. For deposits that were used to fit a model the numbers are far too good; 'lode validate' tests a method on the deposits at hand without that mistake.</source>
      <translation>这些矿床不得参与过该栅格的制作：应为此后的发现，或预留的地点。对用来拟合模型的矿床，数字会好得失真；'lode validate' 用手头的矿床检验方法而不犯此错误。</translation>
    </message>
    <message>
      <source>Deposits off the raster or on cells without data are left out and counted.</source>
      <translation>栅格之外或无数据单元上的矿床会被剔除并计数。</translation>
    </message>
    <message>
      <source>Comma list of bands to evaluate; without it, all.</source>
      <translation>要评价的波段，以逗号分隔；不指定则为全部。</translation>
    </message>
    <message>
      <source>Share of the area</source>
      <translation>面积占比</translation>
    </message>
    <message>
      <source>Deposits in this best-scoring share of the area are counted.</source>
      <translation>统计位于得分最高的这一部分面积内的矿床。</translation>
    </message>
    <message>
      <source>Validate by spatial blocks</source>
      <translation>空间区块验证</translation>
    </message>
    <message>
      <source>Cross-validate methods on known deposits in spatial blocks and write a report.</source>
      <translation>在空间区块中用已知矿床交叉验证各方法并写出报告。</translation>
    </message>
    <message>
      <source>Divides the area into blocks, leaves blocks out in turn, learns from the deposits in the others and asks how well those left out are found. All methods are judged on the same folds, with intervals from drawing deposits and repeats anew.</source>
      <translation>把区域划分为分块，轮流留出分块，从其余分块的矿床学习，并检验留出的矿床能被找到多少。所有方法都在相同的折上评判，区间由重新抽取矿床和重复得出。</translation>
    </message>
    <message>
      <source>The report says in words when a result cannot be told from chance, when the density of sampling alone does as well, and when few or clustered deposits make it fragile.</source>
      <translation>当结果与随机无异、仅凭采样密度就能同样好、或矿床太少或成群而使结果脆弱时，报告会用文字说明。</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>报告</translation>
    </message>
    <message>
      <source>HTML file to write; one file, readable without a network.</source>
      <translation>要写入的 HTML 文件；单个文件，无需网络即可阅读。</translation>
    </message>
    <message>
      <source>Methods</source>
      <translation>方法</translation>
    </message>
    <message>
      <source>Methods to compare on the same folds; differences are taken to the first one.</source>
      <translation>在相同的折上比较的方法；差值以第一个为基准。</translation>
    </message>
    <message>
      <source>Contrastive</source>
      <translation>对比学习</translation>
    </message>
    <message>
      <source>Supervised ResNet-50</source>
      <translation>监督 ResNet-50</translation>
    </message>
    <message>
      <source>Supervised MobileNetV2</source>
      <translation>监督 MobileNetV2</translation>
    </message>
    <message>
      <source>Supervised dense</source>
      <translation>监督稠密网络</translation>
    </message>
    <message>
      <source>Ridge logistic</source>
      <translation>岭逻辑回归</translation>
    </message>
    <message>
      <source>Best single element</source>
      <translation>最好的单一元素</translation>
    </message>
    <message>
      <source>Sampling density alone</source>
      <translation>仅凭采样密度</translation>
    </message>
    <message>
      <source>Model file whose recipe and encoder are used. Without it an encoder is pretrained on the stack, without labels.</source>
      <translation>采用其处理流程和编码器的模型文件。不指定时，在数据栈上无标签地预训练一个编码器。</translation>
    </message>
    <message>
      <source>Sample points</source>
      <translation>样品点</translation>
    </message>
    <message>
      <source>Points where the survey took samples. Background is then drawn no farther from a sample than the deposits lie, and the density of sampling alone is compared as a control.</source>
      <translation>测量中采样的地点。此时背景与样品的距离不超过矿床与样品的距离，并以仅凭采样密度作为对照。</translation>
    </message>
    <message>
      <source>Band of sample distances</source>
      <translation>样品距离波段</translation>
    </message>
    <message>
      <source>Instead of sample points: band of the stack with the distance to the nearest sample in metres. It is used like --samples, and no method learns from it. Default: 'sample distance', which 'lode grid --distance' adds, where the stack has it.</source>
      <translation>代替样品点：数据栈中存放到最近样品距离（米）的波段。其用法与 --samples 相同，任何方法都不从中学习。默认：'sample distance'（由 'lode grid --distance' 添加），若数据栈中有的话。</translation>
    </message>
    <message>
      <source>Folds</source>
      <translation>折数</translation>
    </message>
    <message>
      <source>Parts into which the blocks are divided; each is left out once.</source>
      <translation>分块所分成的份数；每份留出一次。</translation>
    </message>
    <message>
      <source>Repeats</source>
      <translation>重复次数</translation>
    </message>
    <message>
      <source>Times the whole validation is done, with new blocks and new background.</source>
      <translation>整个验证进行的次数，每次用新的分块和新的背景。</translation>
    </message>
    <message>
      <source>Side of blocks</source>
      <translation>区块边长</translation>
    </message>
    <message>
      <source>Side of the spatial blocks that folds never split. Default: the mean spacing of deposits, never smaller than the window.</source>
      <translation>折绝不切开的空间分块的边长。默认：矿床的平均间距，绝不小于窗口。</translation>
    </message>
    <message>
      <source>Shape of blocks</source>
      <translation>区块形状</translation>
    </message>
    <message>
      <source>Squares, hexagons, or leaving out one cluster of deposits (closer together than the block side) at a time.</source>
      <translation>正方形、六边形，或每次留出一群矿床（彼此比分块边长更近）。</translation>
    </message>
    <message>
      <source>Squares</source>
      <translation>正方形</translation>
    </message>
    <message>
      <source>Hexagons</source>
      <translation>六边形</translation>
    </message>
    <message>
      <source>Clusters of deposits</source>
      <translation>矿床群</translation>
    </message>
    <message>
      <source>Buffer around test deposits</source>
      <translation>测试矿床周围的缓冲</translation>
    </message>
    <message>
      <source>Training places closer than this to a test deposit are left out. Default: one window, or less when too little would remain (the report says so).</source>
      <translation>距检验矿床比这更近的训练地点会被剔除。默认：一个窗口；若剩余太少则更小（报告会说明）。</translation>
    </message>
    <message>
      <source>Background places drawn in each repeat; training uses at most 1000 of them.</source>
      <translation>每次重复抽取的背景地点数；训练最多使用其中 1000 个。</translation>
    </message>
    <message>
      <source>Permutations</source>
      <translation>置换次数</translation>
    </message>
    <message>
      <source>Control runs with the deposits moved together to random places: what chance gives. Each takes as long as a repeat.</source>
      <translation>把矿床一起移到随机地点的对照运行：反映随机所能得到的结果。每次耗时与一次重复相同。</translation>
    </message>
    <message>
      <source>Area of the pretraining</source>
      <translation>预训练的区域</translation>
    </message>
    <message>
      <source>whole: the encoder is pretrained once on the whole stack, without labels, test areas included. inductive: anew for every fold, without its test areas (slow).</source>
      <translation>whole：编码器在整个数据栈上无标签地预训练一次，包括检验区。inductive：每折重新训练，不含其检验区（慢）。</translation>
    </message>
    <message>
      <source>Whole stack, once</source>
      <translation>整个数据栈，一次</translation>
    </message>
    <message>
      <source>Anew for every fold (slow)</source>
      <translation>每折重新训练（慢）</translation>
    </message>
    <message>
      <source>Training steps of networks</source>
      <translation>网络的训练步数</translation>
    </message>
    <message>
      <source>Steps, at most, of the methods resnet50, mobilenetv2 and dense, in every fold.</source>
      <translation>resnet50、mobilenetv2 和 dense 方法在每折中的最多步数。</translation>
    </message>
    <message>
      <source>Confidence</source>
      <translation>置信度</translation>
    </message>
    <message>
      <source>Of all intervals: 0.9 means that nine in ten such intervals hold the truth.</source>
      <translation>用于所有区间：0.9 表示这样的区间十个中有九个包含真值。</translation>
    </message>
    <message>
      <source>Bootstrap samples</source>
      <translation>自助样本数</translation>
    </message>
    <message>
      <source>Samples drawn for the intervals.</source>
      <translation>为区间抽取的样本数。</translation>
    </message>
    <message>
      <source>Map of folds</source>
      <translation>分折图</translation>
    </message>
    <message>
      <source>GeoTIFF of the folds of the first repeat, to look at.</source>
      <translation>第一次重复的折的 GeoTIFF，供查看。</translation>
    </message>
    <message>
      <source>Rank targets</source>
      <translation>靶区排序</translation>
    </message>
    <message>
      <source>Turn a prospectivity map into ranked target polygons with statistics.</source>
      <translation>把远景图变为带统计数据、按名次排列的靶区多边形。</translation>
    </message>
    <message>
      <source>Takes the best-scoring share of the area, closes gaps, drops small patches and writes each connected region as a polygon (with its holes), ranked by mean score. Attributes: rank, area, mean and highest score, uncertainty, known deposits inside, distance to the nearest known deposit, its name and its number in the layer, share of the target close to known deposits, the elements that raise the score most, and the centroid in map and geographic coordinates.</source>
      <translation>取得分最高的那部分面积，闭合空隙，去掉小斑块，把每个连通区域写为多边形（含孔洞），按平均得分排名。属性：名次、面积、平均与最高得分、不确定性、区内已知矿床数、到最近已知矿床的距离、其名称及其在图层中的编号、靶区中靠近已知矿床部分的比例、最能提高得分的元素，以及质心的地图坐标和地理坐标。</translation>
    </message>
    <message>
      <source>Raster made by 'lode predict' or any other score, higher = better.</source>
      <translation>由 'lode predict' 生成的栅格或任何其他得分，越高越好。</translation>
    </message>
    <message>
      <source>Targets</source>
      <translation>靶区</translation>
    </message>
    <message>
      <source>Polygon layer to write; the extension tells the format.</source>
      <translation>要写入的多边形图层；扩展名决定格式。</translation>
    </message>
    <message>
      <source>The best-scoring share of the area becomes targets.</source>
      <translation>得分最高的这一部分面积成为靶区。</translation>
    </message>
    <message>
      <source>Score threshold</source>
      <translation>得分阈值</translation>
    </message>
    <message>
      <source>Take what scores at least this, instead of a share of the area.</source>
      <translation>取得分不低于此值者，而不按面积比例。</translation>
    </message>
    <message>
      <source>Band</source>
      <translation>波段</translation>
    </message>
    <message>
      <source>Name of the band to use. Default: score, or the first band.</source>
      <translation>要使用的波段名称。默认：score，或第一个波段。</translation>
    </message>
    <message>
      <source>Smallest target</source>
      <translation>最小靶区</translation>
    </message>
    <message>
      <source>Smaller targets are dropped. Default: 4 cells.</source>
      <translation>更小的靶区会被去掉。默认：4 个单元。</translation>
    </message>
    <message>
      <source>km2</source>
      <translation>km2</translation>
    </message>
    <message>
      <source>The score is first averaged over a square of this half side; 0 = not.</source>
      <translation>先在此半边长的方形内平均得分；0 = 不平均。</translation>
    </message>
    <message>
      <source>Outline</source>
      <translation>轮廓</translation>
    </message>
    <message>
      <source>smooth: along the line where the averaged score reaches the threshold; cells: along the edges of the raster's cells.</source>
      <translation>smooth：沿平均得分达到阈值的线；cells：沿栅格单元的边缘。</translation>
    </message>
    <message>
      <source>Smooth</source>
      <translation>平滑</translation>
    </message>
    <message>
      <source>Edges of cells</source>
      <translation>单元边缘</translation>
    </message>
    <message>
      <source>Close gaps</source>
      <translation>闭合空隙</translation>
    </message>
    <message>
      <source>Gaps and holes up to twice this many cells wide are closed; 0 = none.</source>
      <translation>宽度不超过此单元数两倍的空隙和孔洞会被闭合；0 = 不闭合。</translation>
    </message>
    <message>
      <source>Most targets</source>
      <translation>靶区数上限</translation>
    </message>
    <message>
      <source>Keep this many, best first; 0 = all.</source>
      <translation>保留这么多个，最好的在前；0 = 全部。</translation>
    </message>
    <message>
      <source>For the distance to the nearest known deposit and the share already known.</source>
      <translation>用于到最近已知矿床的距离和已知部分的比例。</translation>
    </message>
    <message>
      <source>Known ground around deposits</source>
      <translation>矿床周围的已知地段</translation>
    </message>
    <message>
      <source>Ground this close to a known deposit counts as known. Default: two cells.</source>
      <translation>距已知矿床这么近的地段视为已知。默认：两个单元。</translation>
    </message>
    <message>
      <source>Attribution raster</source>
      <translation>归因栅格</translation>
    </message>
    <message>
      <source>Made by 'lode explain' on the same grid: adds the bands that raise each target's score most.</source>
      <translation>由 'lode explain' 在同一网格上生成：给出最能提高每个靶区得分的波段。</translation>
    </message>
    <message>
      <source>Points for field work</source>
      <translation>野外工作点</translation>
    </message>
    <message>
      <source>Also write one point a target, for example as GPX or KML.</source>
      <translation>同时为每个靶区写出一个点，例如 GPX 或 KML。</translation>
    </message>
    <message>
      <source>Explain the score</source>
      <translation>解释得分</translation>
    </message>
    <message>
      <source>Map how much each band raises or lowers the score, and sum it up for the targets.</source>
      <translation>绘出每个波段把得分提高或降低了多少，并对靶区汇总。</translation>
    </message>
    <message>
      <source>Integrated gradients: walking from the survey's median to each place as it is, the change of the log odds is divided among the bands, the surroundings in the window included. The parts add up to the log odds of the score less those of the median; 'unexplained' in the result tells what the finite steps leave. Positive values raise the score.</source>
      <translation>积分梯度：从测区的中位数走到每个地点的实际值，把对数几率的变化分配给各波段，包括窗口内的周围。各部分之和等于得分的对数几率减去中位数处的对数几率；结果中的 'unexplained' 说明有限步数留下多少。正值提高得分。</translation>
    </message>
    <message>
      <source>With --deposits, a table tells how much the model relies on groups of bands (permutation importance): the group is exchanged between places, whole windows at a time, and the loss of AUC at the deposits is told. Two bands that say the same stand in for each other when shuffled one by one; put them into one group. Deposits that the model learned from tell what it uses; only 'lode validate' tells whether that finds others.</source>
      <translation>使用 --deposits 时，以表格说明模型对各组波段的依赖程度（置换重要性）：把该组在地点之间整窗交换，并给出矿床处 AUC 的损失。含义相同的两个波段逐个打乱时会互相代替，应放入同一组。模型学习过的矿床只说明它使用了什么；只有 'lode validate' 能说明这样是否能找到其他矿床。</translation>
    </message>
    <message>
      <source>The result can be given to 'lode targets --attribution', which then names the elements that matter in each target.</source>
      <translation>结果可交给 'lode targets --attribution'，由它指出每个靶区中起作用的元素。</translation>
    </message>
    <message>
      <source>Model file made by 'lode fit'.</source>
      <translation>由 'lode fit' 生成的模型文件。</translation>
    </message>
    <message>
      <source>Attributions</source>
      <translation>归因</translation>
    </message>
    <message>
      <source>GeoTIFF to write, one band an element or layer, in log odds.</source>
      <translation>要写入的 GeoTIFF，每个元素或图层一个波段，单位为对数几率。</translation>
    </message>
    <message>
      <source>Point layer of known deposits, in any CRS: also measures how much the model relies on groups of bands, by what its AUC at the deposits loses when a group is shuffled.</source>
      <translation>已知矿床的点图层，坐标参考系不限：同时衡量模型对各组波段的依赖程度，即打乱一组时矿床处 AUC 的损失。</translation>
    </message>
    <message>
      <source>Groups of bands</source>
      <translation>波段组</translation>
    </message>
    <message>
      <source>associations: bands that rise and fall together in the background; each: every band alone; or a list: Au,As,Sb;Cu,Pb,Zn, with names if wanted: pathfinders=As,Sb,Hg;base metals=Cu,Pb,Zn.</source>
      <translation>associations：在背景中同升同降的波段；each：每个波段单独一组；或给出列表：Au,As,Sb;Cu,Pb,Zn，也可命名：pathfinders=As,Sb,Hg;base metals=Cu,Pb,Zn。</translation>
    </message>
    <message>
      <source>Share of the area called targets</source>
      <translation>作为靶区的面积比例</translation>
    </message>
    <message>
      <source>The summary averages over the best-scoring share of the area.</source>
      <translation>汇总对得分最高的这部分面积取平均。</translation>
    </message>
    <message>
      <source>Steps of the path</source>
      <translation>路径步数</translation>
    </message>
    <message>
      <source>More steps leave less unexplained and take longer. A model whose head sees no embedding needs one.</source>
      <translation>步数越多，未解释的越少，耗时越长。预测头不看嵌入的模型只需一步。</translation>
    </message>
    <message>
      <source>Make a prospectivity map</source>
      <translation>制作矿产远景图</translation>
    </message>
    <message>
      <source>The whole job in one call: pretrain, fit, validate, predict, targets, report.</source>
      <translation>一次完成全部工作：预训练、拟合、验证、预测、靶区、报告。</translation>
    </message>
    <message>
      <source>From a stack and a layer of known deposits to a prospectivity map: pretrains an encoder on the stack alone, fits a head on the deposits, maps score, uncertainty and percentile, validates in spatial blocks against ridge logistic regression and the best single band, and outlines targets.</source>
      <translation>从数据栈和已知矿床图层到远景图：仅用数据栈预训练编码器，用矿床拟合预测头，绘出得分、不确定性和百分位，在空间分块中与岭逻辑回归和最好的单一波段对比验证，并圈定靶区。</translation>
    </message>
    <message>
      <source>Writes model.lode, prospectivity.tif, prospectivity.png, prospectivity.lodeview (opens in QGIS and GDAL with the Lode driver), targets.gpkg, report.html, report.json and styles for QGIS.</source>
      <translation>写出 model.lode、prospectivity.tif、prospectivity.png、prospectivity.lodeview（有 Lode 驱动时可在 QGIS 和 GDAL 中打开）、targets.gpkg、report.html、report.json 以及 QGIS 样式。</translation>
    </message>
    <message>
      <source>Folder for the results</source>
      <translation>结果文件夹</translation>
    </message>
    <message>
      <source>Folder to write to; it is made when it does not exist.</source>
      <translation>要写入的文件夹；不存在时会创建。</translation>
    </message>
    <message>
      <source>Prospectivity</source>
      <translation>远景</translation>
    </message>
    <message>
      <source>Measures</source>
      <translation>测量结果</translation>
    </message>
    <message>
      <source>Picture of the map</source>
      <translation>地图图片</translation>
    </message>
    <message>
      <source>Style of the map</source>
      <translation>地图样式</translation>
    </message>
    <message>
      <source>Style of the targets</source>
      <translation>靶区样式</translation>
    </message>
    <message>
      <source>View of the model for GDAL programs</source>
      <translation>供 GDAL 程序使用的模型视图</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>帮助</translation>
    </message>
    <message>
      <source>Describe a model</source>
      <translation>描述模型</translation>
    </message>
    <message>
      <source>Show what a model file holds.</source>
      <translation>显示模型文件的内容。</translation>
    </message>
    <message>
      <source>Shows the elements, transform, window, encoder, head, bands and training provenance of a model file.</source>
      <translation>显示模型文件的元素、变换、窗口、编码器、预测头、波段和训练来源。</translation>
    </message>
    <message>
      <source>Model file</source>
      <translation>模型文件</translation>
    </message>
    <message>
      <source>A .lode model file.</source>
      <translation>.lode 模型文件。</translation>
    </message>
    <message>
      <source>Simulate a survey</source>
      <translation>模拟勘查</translation>
    </message>
    <message>
      <source>Make up a survey whose deposits, known and hidden, are all on record.</source>
      <translation>虚构一个勘查数据集，其已知和隐伏矿床全部有记录。</translation>
    </message>
    <message>
      <source>Simulates an area with strata, intrusions, faults, streams and gold deposits with zoned Au-As-Sb-Hg-Bi haloes, and then a stream-sediment survey of it: 39 elements at realistic levels, with detection limits and analytical noise. One barren black shale is as rich in gold and its pathfinders as many haloes, and barren antimony-mercury systems lie on the same faults, so that no single element is enough.</source>
      <translation>模拟一个有地层、侵入体、断层、水系和金矿床（带有分带的 Au-As-Sb-Hg-Bi 晕）的区域，再对它作水系沉积物测量：39 个元素，含量水平真实，带有检出限和分析噪声。一套贫矿的黑色页岩所含的金及其指示元素与许多矿晕相当，同样的断层上还有贫矿的锑-汞系统，因此任何单一元素都不够用。</translation>
    </message>
    <message>
      <source>Writes samples.csv and samples.gpkg (what the laboratory reports), stack.tif (the samples gridded by inverse distance, one band an element), deposits.gpkg (known deposits), truth.gpkg (hidden deposits, to test a map with), faults.gpkg and geology.gpkg. The same seed gives the same bytes.</source>
      <translation>写出 samples.csv 和 samples.gpkg（实验室的报告）、stack.tif（按反距离网格化的样品，每个元素一个波段）、deposits.gpkg（已知矿床）、truth.gpkg（隐伏矿床，用于检验地图）、faults.gpkg 和 geology.gpkg。相同的种子得到相同的字节。</translation>
    </message>
    <message>
      <source>Output folder</source>
      <translation>输出文件夹</translation>
    </message>
    <message>
      <source>Folder for the files; made when it does not exist.</source>
      <translation>存放文件的文件夹；不存在时会创建。</translation>
    </message>
    <message>
      <source>About how many stream-sediment samples are taken.</source>
      <translation>大约采集多少个水系沉积物样品。</translation>
    </message>
    <message>
      <source>Deposits written to deposits.gpkg.</source>
      <translation>写入 deposits.gpkg 的矿床数。</translation>
    </message>
    <message>
      <source>Hidden deposits</source>
      <translation>隐伏矿床</translation>
    </message>
    <message>
      <source>Deposits written to truth.gpkg only.</source>
      <translation>仅写入 truth.gpkg 的矿床数。</translation>
    </message>
    <message>
      <source>Side of the area</source>
      <translation>区域边长</translation>
    </message>
    <message>
      <source>Rows and columns of the grid.</source>
      <translation>网格的行数和列数。</translation>
    </message>
    <message>
      <source>Side of a cell of the grid.</source>
      <translation>网格单元的边长。</translation>
    </message>
    <message>
      <source>A projected CRS in metres for the output; UTM coordinates suit it best.</source>
      <translation>输出所用的以米为单位的投影坐标参考系；UTM 坐标最合适。</translation>
    </message>
    <message>
      <source>Laboratory table</source>
      <translation>实验室数据表</translation>
    </message>
    <message>
      <source>Faults</source>
      <translation>断层</translation>
    </message>
    <message>
      <source>Geology</source>
      <translation>地质</translation>
    </message>
    <message>
      <source>Element grids</source>
      <translation>元素网格</translation>
    </message>
    <message>
      <source>Export a model to ONNX</source>
      <translation>将模型导出为 ONNX</translation>
    </message>
    <message>
      <source>Write preprocessing, encoder and head as one ONNX file for other software.</source>
      <translation>把预处理、编码器和头部写成一个 ONNX 文件供其他软件使用。</translation>
    </message>
    <message>
      <source>The ONNX file does what 'lode predict' does for the band 'score': raw element values of a window or tile go in, scores come out; no other preprocessing is needed. Input 'values' is batch x height x width x bands, bands in the order of the file's metadata entry 'bands', NaN where there is no value. Output 'score' is smaller by the window less one; it is -9999 where the centre cell has no data.</source>
      <translation>该 ONNX 文件所做的与 'lode predict' 对波段 'score' 所做的相同：输入窗口或图块的原始元素值，输出得分；不需要其他预处理。输入 'values' 为 批 x 高 x 宽 x 波段，波段顺序见文件元数据项 'bands'，无值处为 NaN。输出 'score' 的边长减少窗口减一；中心单元无数据处为 -9999。</translation>
    </message>
    <message>
      <source>A model without a head gives 'embedding' instead.</source>
      <translation>没有预测头的模型则给出 'embedding'。</translation>
    </message>
    <message>
      <source>Model file (.lode).</source>
      <translation>模型文件（.lode）。</translation>
    </message>
    <message>
      <source>ONNX file</source>
      <translation>ONNX 文件</translation>
    </message>
    <message>
      <source>File to write.</source>
      <translation>要写入的文件。</translation>
    </message>
  </context>
</TS>
